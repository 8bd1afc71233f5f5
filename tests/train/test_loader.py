import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from tests.train.tiny_faces import TinyFaces  # noqa: E402

from masquerade.errors import InputError  # noqa: E402
from masquerade.train.augment import Amounts  # noqa: E402
from masquerade.train.loader import Faces, Loader  # noqa: E402
from masquerade.train.team import Team  # noqa: E402

CPU = torch.device("cpu")


def silent(*_: object) -> None:
    """Nobody listens."""


def loader(team: Team | None = None, batch: int = 4) -> Loader:
    both = [Faces.of(TinyFaces(seed=n), "x", 32, progress=silent) for n in (1, 2)]
    return Loader((both[0], both[1]), Amounts(), batch, 1, team or Team(CPU))


def test_an_iterations_batch_hangs_on_its_number_alone() -> None:
    one, other = loader(), loader()
    stream = one.batches(0)
    later = [next(stream) for _ in range(4)][3]
    direct = next(other.batches(3))

    assert torch.equal(later.pictures, direct.pictures)
    assert torch.equal(later.draws.moves, direct.draws.moves)
    one.close()
    other.close()


def test_two_processes_share_what_one_would_have_seen() -> None:
    whole = loader().make(5)
    parts = [loader(Team(CPU, rank, 2)).make(5) for rank in (0, 1)]

    for person in (0, 1):
        mine = whole.pictures[4 * person : 4 * person + 4]
        theirs = torch.cat([part.pictures[2 * person : 2 * person + 2] for part in parts])
        assert torch.equal(mine, theirs)
        bends = torch.cat([part.draws.bends[2 * person : 2 * person + 2] for part in parts])
        assert torch.equal(whole.draws.bends[4 * person : 4 * person + 4], bends)


def test_every_face_comes_once_before_any_comes_again_and_checked_ones_never() -> None:
    some = loader()
    faces = some.people[0]
    seen = [some._chosen(faces, 0, step) for step in range(23)]
    rounds = [n for part in seen for n in part.tolist()]

    assert len(faces.checked) == 1
    assert set(faces.checked.tolist()).isdisjoint(rounds)
    for at in range(0, 4 * 23, 23):
        assert sorted(rounds[at : at + 23]) == faces.trained.tolist()


@pytest.mark.parametrize("count", [0, 1, 7])
def test_too_few_faces_are_told(count: int) -> None:
    with pytest.raises(InputError, match=rf"holds {count or 'no'} face"):
        Faces.of(TinyFaces(count), "a.faceset", 32, progress=silent)


def test_a_fault_while_reading_comes_through_and_nothing_hangs() -> None:
    class Broken(TinyFaces):
        def batch(self, indices):
            if len(indices) < 20:  # not while they are counted, but when they are read for a batch
                raise InputError("face 3 was changed or is damaged")
            return super().batch(indices)

    broken = Broken()
    faces = Faces(
        torch.arange(20).numpy(), torch.arange(2).numpy(), lambda wanted: broken.batch(wanted)
    )
    some = Loader((faces, faces), Amounts(), 4, 1, Team(CPU))

    with pytest.raises(InputError, match="damaged"):
        next(some.batches(0))
    some.close()
