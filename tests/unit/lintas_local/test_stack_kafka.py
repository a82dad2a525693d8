import pytest

from lintas_local.stack.kafka import cluster_id


@pytest.mark.parametrize("first", range(256))
def test_a_cluster_id_never_looks_like_an_option(first):
    made = cluster_id(bytes([first]) + bytes(15))
    assert len(made) == 22
    assert made[0].isalnum()
