// Is a set of nodes a set, in both of its forms and across the border between them?

#include "protocols/core/node_set.hpp"

#include <random>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

using namespace baton;

namespace {

std::vector<NodeId> members(const NodeSet& set) {
  std::vector<NodeId> result;
  set.for_each([&](NodeId node) { result.push_back(node); });
  return result;
}

}  // namespace

TEST_CASE("a new set is empty") {
  const NodeSet set;
  CHECK(set.empty());
  CHECK(set.size() == 0);
  CHECK_FALSE(set.contains(0));
  CHECK(members(set).empty());
}

TEST_CASE("nobody is no member, of sets in both forms") {
  NodeSet set;
  for (NodeId node = 0; node < 20; ++node) {
    CHECK_FALSE(set.contains(no_node));
    set.erase(no_node);
    CHECK(set.size() == node);
    set.insert(node);
  }
}

TEST_CASE("members come in ascending order, each once") {
  NodeSet set;
  for (const NodeId node : {NodeId{9}, NodeId{4}, NodeId{9}, NodeId{4095}, NodeId{0}}) set.insert(node);
  CHECK(members(set) == std::vector<NodeId>{0, 4, 9, 4095});
  set.erase(4);
  set.erase(5);
  CHECK(members(set) == std::vector<NodeId>{0, 9, 4095});
}

TEST_CASE("a set equals another with the same members, whatever their history") {
  NodeSet grown;
  for (NodeId node = 0; node < 4096; ++node) grown.insert(node);
  NodeSet few;
  for (NodeId node = 0; node < 20; ++node) few.insert(node);
  for (NodeId node = 20; node < 4096; ++node) grown.erase(node);
  CHECK(grown == few);
  few.erase(3);
  CHECK_FALSE(grown == few);
  few.insert(4000);
  CHECK(few.size() == grown.size());
  CHECK_FALSE(grown == few);
  grown.clear();
  CHECK(grown == NodeSet{});
}

TEST_CASE("a copy is independent") {
  NodeSet set;
  for (NodeId node = 0; node < 100; ++node) set.insert(node);
  NodeSet copy = set;
  copy.erase(50);
  CHECK(set.contains(50));
  CHECK_FALSE(copy.contains(50));
  CHECK(copy.size() == 99);
}

TEST_CASE("random operations agree with std::set") {
  std::mt19937 random(7);
  for (const NodeId nodes : {NodeId{10}, NodeId{300}, NodeId{4096}, no_node}) {
    NodeSet set;
    std::set<NodeId> model;
    for (int i = 0; i < 3000; ++i) {
      const auto node = static_cast<NodeId>(random() % nodes);
      // Around the size where the form changes, in both directions.
      if (random() % 16 < (model.size() < 10 ? 9U : 6U)) {
        set.insert(node);
        model.insert(node);
      } else {
        const auto victim = model.empty() || random() % 2 == 0 ? node : *model.begin();
        set.erase(victim);
        model.erase(victim);
      }
      REQUIRE(set.size() == model.size());
      REQUIRE(set.contains(node) == (model.count(node) != 0));
      REQUIRE(members(set) == std::vector<NodeId>(model.begin(), model.end()));
    }
  }
}
