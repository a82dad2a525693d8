from lintas_local.stack.kafka import new_cluster_id


def test_no_cluster_id_looks_like_an_option():
    """One in 64 random ones would, and the format command refuses it."""
    ids = [new_cluster_id() for _ in range(2_000)]
    assert len(set(ids)) == len(ids)
    assert not [one for one in ids if one.startswith("-")]
