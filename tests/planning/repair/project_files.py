"""The files of small projects, as they are without a bug, by path."""

_SHOP = '''
    """A basket with prices in cents."""


    class Basket:
        """Items and what they cost."""

        def __init__(self, discount=0):
            self.items = []
            self.discount = discount

        def add(self, name, price, count=1):
            if price < 0:
                raise ValueError("negative price")
            self.items.append((name, price, count))

        def total(self):
            full = sum(price * count for _, price, count in self.items)
            return full - full * self.discount // 100

        def cheapest(self):
            if not self.items:
                return None
            return min(self.items, key=lambda item: item[1])[0]
'''
_SHOP_TESTS = '''
    import pytest

    from shop.basket import Basket


    @pytest.fixture
    def basket():
        basket = Basket(discount=10)
        basket.add("pear", 50, 4)
        basket.add("plum", 20)
        return basket


    def test_total(basket):
        assert basket.total() == 198


    def test_total_without_discount():
        basket = Basket()
        basket.add("nut", 7, 3)
        assert basket.total() == 21


    def test_cheapest(basket):
        assert basket.cheapest() == "plum"
        assert Basket().cheapest() is None


    def test_negative():
        with pytest.raises(ValueError):
            Basket().add("debt", -1)
'''
SHOP = {
    "shop/__init__.py": "",
    "shop/basket.py": _SHOP,
    "tests/test_basket.py": _SHOP_TESTS,
}

_TEXT = '''
    import re


    def slug(title, limit=40):
        """Makes a part of an address out of a title."""
        words = re.findall(r"[a-z0-9]+", title.lower())
        result = ""
        for word in words:
            extended = result + "-" + word if result else word
            if len(extended) > limit:
                break
            result = extended
        return result


    def wrap(text, width):
        lines, line = [], ""
        for word in text.split():
            if line and len(line) + 1 + len(word) > width:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        if line:
            lines.append(line)
        return lines


    def initials(name):
        return "".join(part[0].upper() for part in name.split())
'''
_TEXT_TESTS = '''
    import pytest

    import text


    @pytest.mark.parametrize("title, expected", [
        ("Hello, World!", "hello-world"),
        ("  A  b ", "a-b"),
        ("", ""),
        ("aaaa bbbb cccc", "aaaa-bbbb"),
    ])
    def test_slug(title, expected):
        assert text.slug(title, limit=11) == expected


    @pytest.mark.parametrize("width, expected", [
        (7, ["one two", "three"]),
        (6, ["one", "two", "three"]),
        (100, ["one two three"]),
        (1, ["one", "two", "three"]),
    ])
    def test_wrap(width, expected):
        assert text.wrap("one two three", width) == expected


    def test_initials():
        assert text.initials("ada king lovelace") == "AKL"
'''
TEXT = {"text.py": _TEXT, "tests/test_text.py": _TEXT_TESTS}

_GRAPH = '''
    """Directed graphs as dictionaries of successors."""

    import collections


    def reachable(graph, start):
        seen = {start}
        queue = collections.deque([start])
        while queue:
            node = queue.popleft()
            for successor in graph.get(node, ()):
                if successor not in seen:
                    seen.add(successor)
                    queue.append(successor)
        return seen


    def in_order(graph):
        """Returns nodes so that each comes before its successors."""
        missing = collections.Counter()
        for successors in graph.values():
            missing.update(successors)
        ready = sorted(node for node in graph if not missing[node])
        order = []
        while ready:
            node = ready.pop(0)
            order.append(node)
            for successor in graph.get(node, ()):
                missing[successor] -= 1
                if missing[successor] == 0:
                    ready.append(successor)
        if len(order) < len(graph):
            raise ValueError("cycle")
        return order
'''
_GRAPH_TESTS = '''
    import unittest

    from graphs import paths


    class ReachableTest(unittest.TestCase):

        def setUp(self):
            self.graph = {"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}

        def test_all(self):
            self.assertEqual(
                paths.reachable(self.graph, "a"), {"a", "b", "c", "d"})

        def test_some(self):
            self.assertEqual(paths.reachable(self.graph, "b"), {"b", "d"})

        def test_cycle(self):
            self.assertEqual(
                paths.reachable({"x": ["y"], "y": ["x"]}, "x"), {"x", "y"})


    class InOrderTest(unittest.TestCase):

        def test_order(self):
            graph = {"d": [], "b": ["d"], "c": ["d"], "a": ["b", "c"]}
            self.assertEqual(paths.in_order(graph), ["a", "b", "c", "d"])

        def test_cycle(self):
            with self.assertRaises(ValueError):
                paths.in_order({"x": ["y"], "y": ["x"]})


    if __name__ == "__main__":
        unittest.main()
'''
GRAPH = {
    "src/graphs/__init__.py": "",
    "src/graphs/paths.py": _GRAPH,
    "tests/test_paths.py": _GRAPH_TESTS,
    "pyproject.toml": """
        [project]
        name = "graphs"
        version = "1"
        [tool.pytest.ini_options]
        pythonpath = ["src"]
    """,
}

_DATES = '''
    DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


    def is_leap(year):
        return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


    def days_in_month(year, month):
        if not 1 <= month <= 12:
            raise ValueError(f"month {month}")
        if month == 2 and is_leap(year):
            return 29
        return DAYS[month - 1]


    def day_of_year(year, month, day):
        count = day
        for m in range(1, month):
            count += days_in_month(year, m)
        return count
'''
_DATES_TESTS = '''
    import pytest

    from dates import day_of_year
    from dates import days_in_month
    from dates import is_leap


    def test_is_leap():
        assert is_leap(2024)
        assert not is_leap(2023)
        assert not is_leap(1900)
        assert is_leap(2000)


    def test_days_in_month():
        assert days_in_month(2023, 1) == 31
        assert days_in_month(2023, 12) == 31
        assert days_in_month(2024, 2) == 29
        with pytest.raises(ValueError):
            days_in_month(2023, 13)


    def test_day_of_year():
        assert day_of_year(2023, 1, 1) == 1
        assert day_of_year(2023, 3, 1) == 60
        assert day_of_year(2024, 12, 31) == 366
'''
DATES = {"dates.py": _DATES, "tests/test_dates.py": _DATES_TESTS}

_TREE = '''
    import contextlib
    import functools


    class Node:

        def __init__(self, value, *children):
            self.value = value
            self.children = list(children)

        @property
        def size(self):
            return 1 + sum(child.size for child in self.children)

        @functools.lru_cache(maxsize=None)
        def depth(self):
            if not self.children:
                return 1
            return 1 + max(child.depth() for child in self.children)

        @classmethod
        def chain(cls, *values):
            node = None
            for value in reversed(values):
                node = cls(value, node) if node else cls(value)
            return node

        def walk(self):
            yield self.value
            for child in self.children:
                yield from child.walk()


    @contextlib.contextmanager
    def renamed(node, value):
        before = node.value
        node.value = value
        try:
            yield node
        finally:
            node.value = before


    async def gather(nodes):
        found = []
        for node in nodes:
            found.extend(node.walk())
        return found
'''
_TREE_TESTS = '''
    import asyncio

    from tree import Node, gather, renamed


    def make():
        return Node(1, Node(2, Node(3)), Node(4))


    class TestNode:

        def test_size(self):
            assert make().size == 4

        def test_depth(self):
            assert make().depth() == 3
            assert Node(0).depth() == 1

        def test_chain(self):
            assert list(Node.chain(1, 2, 3).walk()) == [1, 2, 3]

        def test_walk(self):
            assert list(make().walk()) == [1, 2, 3, 4]


    def test_renamed():
        node = Node("a")
        with renamed(node, "b"):
            assert node.value == "b"
        assert node.value == "a"


    def test_gather():
        assert asyncio.run(gather([Node(1), Node(2)])) == [1, 2]
'''
TREE = {"tree.py": _TREE, "tests/test_tree.py": _TREE_TESTS}

_BANK = '''
    class Account:
        """Amounts are in cents."""

        def __init__(self, owner, balance=0):
            self.owner = owner
            self.balance = balance
            self.log = []

        def deposit(self, amount):
            if amount <= 0:
                raise ValueError("not positive")
            self.balance += amount
            self.log.append(("deposit", amount))
            return self.balance

        def withdraw(self, amount):
            if amount > self.balance:
                raise ValueError("not enough")
            self.balance -= amount
            self.log.append(("withdraw", amount))
            return self.balance


    def transfer(source, target, amount):
        source.withdraw(amount)
        target.deposit(amount)


    def interest(balance, percent, years):
        for _ in range(years):
            balance += balance * percent // 100
        return balance


    def digits(number):
        found = []
        while number > 0:
            found.append(number % 10)
            number //= 10
        return found[::-1] or [0]
'''
_BANK_TESTS = '''
    import pytest

    import bank


    def test_deposit():
        account = bank.Account("a")
        assert account.deposit(5) == 5
        assert account.log == [("deposit", 5)]
        with pytest.raises(ValueError):
            account.deposit(0)


    def test_withdraw():
        account = bank.Account("a", 10)
        assert account.withdraw(10) == 0
        with pytest.raises(ValueError):
            account.withdraw(1)


    def test_transfer():
        a, b = bank.Account("a", 10), bank.Account("b", 1)
        bank.transfer(a, b, 4)
        assert (a.balance, b.balance) == (6, 5)


    def test_interest():
        assert bank.interest(1000, 10, 2) == 1210


    def test_digits():
        assert bank.digits(1203) == [1, 2, 0, 3]
        assert bank.digits(0) == [0]
'''
BANK = {"bank.py": _BANK, "tests/test_bank.py": _BANK_TESTS}
