import gc

from lintas.web import create_service
from lintas.web.memory import set_aside


async def test_a_running_service_sets_start_up_aside_and_gives_it_back():
    app = create_service(name="s", title="S", routers=[], loop_exit_s=0)
    before = gc.get_freeze_count(), gc.get_threshold()
    async with app.router.lifespan_context(app):
        assert gc.get_freeze_count() > before[0]
        assert gc.get_threshold()[0] > before[1][0]
    assert (gc.get_freeze_count(), gc.get_threshold()) == before


async def test_what_comes_late_and_stays_is_set_aside_as_well_and_given_back():
    app = create_service(name="s", title="S", routers=[], loop_exit_s=0)
    before = gc.get_freeze_count()
    async with app.router.lifespan_context(app):
        late: list[list[int]] = [[] for _ in range(1_000)]
        at_start = gc.get_freeze_count()
        set_aside()
        assert gc.get_freeze_count() >= at_start + len(late)
    assert gc.get_freeze_count() == before
