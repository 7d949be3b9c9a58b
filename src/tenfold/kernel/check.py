"""What a legal kernel is: every value defined before its use, operands of one type, sinks of known functions."""

from tenfold.errors import PlanError
from tenfold.kernel import nodes as kn
from tenfold.kernel.ops import OPERATIONS, WORDS, can_cast


def check(kernel: kn.Kernel) -> kn.Kernel:
    """The kernel itself, or a PlanError that says what is wrong with it."""
    storages = kernel.storages()
    first = len(kernel.inputs) + len(kernel.params)
    for number, statement in enumerate(kernel.body, start=first):
        if isinstance(statement, kn.Let):
            _check_let(statement, number, storages)
            if statement.op in WORDS and not all(len(kernel.inputs) <= a < first for a in statement.args[:2]):
                raise PlanError(f"%{number} = {statement.op}: the key must be parameters")
    for sink in kernel.sinks:
        _check_sink(sink, storages)
    if kernel.guard >= 0 and storages[kernel.guard] != "?":
        raise PlanError(f"guard %{kernel.guard} is {storages[kernel.guard]}, not boolean")
    return kernel


def _check_let(let: kn.Let, number: int, storages: tuple[str, ...]) -> None:
    if any(not 0 <= a < number for a in let.args):
        raise PlanError(f"%{number} = {let.op}: uses a value that is not defined before it")
    kinds = [storages[a] for a in let.args]
    if OPERATIONS[let.op].chooses and kinds[0] == "?":
        kinds = kinds[1:]
    if len(set(kinds)) != 1:
        raise PlanError(f"%{number} = {let.op}: operands of types {kinds}")
    if kinds[0] not in OPERATIONS[let.op].takes or (let.op == "cast" and not can_cast(kinds[0], let.storage)):
        raise PlanError(f"%{number} = {let.op}: no such operation from {kinds[0]} to {let.storage}")
    result = OPERATIONS[let.op].result
    if let.op != "cast" and let.storage != (kinds[0] if result == "T" else result):
        raise PlanError(f"%{number} = {let.op}: result {let.storage} of operands {kinds}")


def _check_sink(sink: object, storages: tuple[str, ...]) -> None:
    match sink:
        case kn.Compact(args=args, storages=wanted):
            if tuple(storages[a] for a in args) != wanted:
                raise PlanError(f"compact of {wanted} gets {[storages[a] for a in args]}")
        case kn.Fold(function=function, value=value, storage=storage, valid=valid, group=group):
            if function not in kn.FOLDS or (value >= 0 and storages[value] != storage):
                raise PlanError(f"fold {function} of {storage}")
            if (valid >= 0 and storages[valid] != "?") or (group >= 0 and storages[group] != "i8"):
                raise PlanError(f"fold {function}: valid must be boolean and group i8")
        case _:
            raise PlanError(f"no sink {sink!r}")
