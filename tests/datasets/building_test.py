"""Tests of names of datasets."""

from absl.testing import absltest
from absl.testing import parameterized
from jepa.datasets import building


class BuildingTest(parameterized.TestCase):

  @parameterized.parameters(
      ("nowhere/tiny", "nowhere"),
      ("code_repair/huge", "tiny, quickstart, small"),
      ("code_repair", "tiny, quickstart, small"),
  )
  def test_an_unknown_name_is_answered_with_the_known(self, name, told):
    with self.assertRaisesRegex(ValueError, told):
      building.make_builder(name, self.create_tempdir().full_path)

  @parameterized.parameters("code_repair/tiny", "orb/tiny")
  def test_every_world_builds(self, name):
    builder = building.make_builder(name, self.create_tempdir().full_path)
    world, _, config = name.partition("/")
    self.assertEqual((builder.name, builder.builder_config.name),
                     (world, config))


if __name__ == "__main__":
  absltest.main()
