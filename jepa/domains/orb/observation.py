"""From a program and its verdict to an observation of bounded size.

All of a small program is shown. Of a large one, what lies near the focus and
the sites of the actions is shown in full, and the rest in outline.
"""

from collections.abc import Sequence
import dataclasses
import functools

from jepa.domains import base
from jepa.domains import symbols as symbols_lib
from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import codes as codes_lib
from jepa.domains.orb import nodes as nodes_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import schema
from jepa.domains.orb import verdict as verdict_lib
from jepa.domains.orb import vocabulary

Action = actions_lib.Action
Json = program_lib.Json
Path = program_lib.Path

# Stands for names that the symbol table has no room for.
OTHER = "(other)"
_MAX_INTENT = 12


@dataclasses.dataclass(frozen=True, kw_only=True)
class Room:
  """The most nodes and symbols, the padding symbol included."""
  num_nodes: int = 256
  num_symbols: int = 192


def observe(
    program: program_lib.Program,
    verdict: verdict_lib.Verdict,
    *,
    intent: Sequence[str] = (),
    focus: Path = (),
    actions: Sequence[Action] = (),
    room: Room = Room(),
) -> tuple[base.Observation, tuple[base.Candidate, ...]]:
  """Returns the observation of a state, and of actions in it.

  Args:
    program: the state.
    verdict: what the compiler says of it.
    intent: words that say what is wanted.
    focus: path of what the actions are about.
    actions: candidates, whose arguments join the state's symbols.
    room: bounds that are kept whatever the program.
  """
  reader = nodes_lib.Reader(program, codes_lib.place_codes(program, verdict))
  for word in intent[:_MAX_INTENT]:
    reader.add((), 0, "intent", word)
  _add_counts(reader, verdict)
  places = [site(program, action) for action in actions]
  shown = _select(reader.nodes, focus, places, room.num_nodes)

  table = symbols_lib.SymbolTable((OTHER,))
  arguments = [action_texts(action) for action in actions]
  reserved = {t for texts in arguments for t in texts if t}
  # An action has few arguments, but there may be any number of actions.
  num_reserved = min(len(reserved), room.num_symbols // 2)
  rows = []
  for i in shown:
    node = reader.nodes[i]
    symbol = _number(table, node.text, room.num_symbols - num_reserved)
    rows.append((symbol, *node.features))
  position = _positions(shown, len(reader.nodes))
  candidates = tuple(
      base.Candidate(
          kind=vocabulary.VOCABULARY.kinds.index(action.kind),
          start=position[start],
          end=position[end],
          args=tuple(
              text and _number(table, text, room.num_symbols) or 0
              for text in texts
          ),
      )
      for action, texts, (start, end) in zip(
          actions, arguments, (_span(reader, place) for place in places)
      )
  )
  seen = base.Observation(symbols=table.texts(), nodes=tuple(rows))
  return seen, candidates


def _add_counts(reader, verdict) -> None:
  said = "compiles" if verdict.compiles else "rejected"
  reader.add((), 0, "compiles", said)
  skipped = verdict.total - verdict.passed - verdict.failed
  for name, count in (
      ("passed", verdict.passed),
      ("failed", verdict.failed),
      ("skipped", skipped),
  ):
    reader.add((), 0, "tests", name, count=count)


def _number(table, text: str, room: int) -> int:
  """Returns the symbol of `text`, or of `OTHER` if the table is full."""
  if len(table) < room:
    return table.add(text)
  return table.find(text) or table.add(OTHER)


def _positions(shown: list[int], count: int) -> list[int]:
  """Maps each of `count + 1` boundaries to one between the nodes shown."""
  position, kept = [0] * (count + 1), 0
  members = set(shown)
  for i in range(count):
    position[i] = kept
    kept += i in members
  position[count] = kept
  return position


def _span(reader, place: Path) -> tuple[int, int]:
  """Returns the nodes of `place`, or of what is around it."""
  for end in range(len(place), -1, -1):
    if place[:end] in reader.spans:
      return reader.spans[place[:end]]
  return 0, 0


def _select(
    nodes: list[nodes_lib.Node], focus: Path, places: list[Path], room: int
) -> list[int]:
  """Returns the indices of the nodes that are shown, in order."""
  if len(nodes) <= room:
    return list(range(len(nodes)))
  deep = {p for p in places if schema.role(p) not in ("trait", "orbital")}
  deep.discard(())
  orbital = schema.enclosing(focus, "orbital")

  @functools.cache
  def distance(path: Path) -> int:
    if any(path[: len(p)] == p for p in deep):
      return -1
    if path[: len(focus)] == focus:
      return 0
    return 2 if orbital is not None and path[:2] == orbital else 4

  def remoteness(i: int) -> int:
    node = nodes[i]
    return node.detail and node.detail + distance(node.path)

  return sorted(sorted(range(len(nodes)), key=remoteness)[:room])


def site(program: program_lib.Program, action: Action) -> Path:
  """Returns the path of what an action touches most closely.

  That is where it is done, or for what grows from a state, that state.
  """
  slots = action.named_slots
  state = slots.get("source") if "event" in slots else None
  if action.kind == "set_initial":
    state = slots["state"]
  if state is not None:
    path = (*action.at, "stateMachine", "states")
    for i, element in enumerate(program_lib.items(program, path)):
      if isinstance(element, dict) and element.get("name") == state:
        return (*path, i)
  if action.kind == "add_field":
    return (*action.at, "entity")
  return action.at


def action_texts(action: Action) -> list[str]:
  """Returns what the slots say, at most `num_args` texts; "" for None."""
  texts: list[str] = []
  for slot in action.slots:
    if slot is None:
      texts.append("")
    else:
      texts.extend(_texts(slot))
  return texts[: vocabulary.VOCABULARY.num_args]


def _texts(value: Json) -> list[str]:
  if isinstance(value, dict):
    texts = _texts(value["type"]) if "type" in value else []
    for key in sorted(value.keys() - {"type"}):
      texts += [key, *_texts(value[key])]
    return texts
  if isinstance(value, list):
    return [text for element in value for text in _texts(element)]
  text, written = nodes_lib.say(value)
  is_bound = written in ("entity", "payload", "binding")
  return [f"@{written}", text] if is_bound else [text]
