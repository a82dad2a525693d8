import gc

from lintas.web import create_service


async def test_a_running_service_sets_start_up_aside_and_gives_it_back():
    app = create_service(name="s", title="S", routers=[], loop_exit_s=0)
    before = gc.get_freeze_count(), gc.get_threshold()
    async with app.router.lifespan_context(app):
        assert gc.get_freeze_count() > before[0]
        assert gc.get_threshold()[0] > before[1][0]
    assert (gc.get_freeze_count(), gc.get_threshold()) == before
