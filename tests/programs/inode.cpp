// Inodes: references come out even and no byte of a size is lost, in both designs; sizes that are read lie
// between the appends that were complete and those that had begun.
#include "tests/programs/systems.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

TEST_CASE("references come out even and sizes are right") {
  for (const char* design : {"locked", "lock_free"})
    for (const char* size_by : {"atomic", "per_core"})
      for (const char* words : {"own_line", "packed"})
        for (const double inodes : {1.0, 5.0})
          for (const std::uint32_t threads : {1U, 3U, 8U})
            for (std::uint64_t seed = 1; seed <= 3; ++seed) {
              INFO(design << ", size " << size_by << ", " << words << ", " << inodes << " inodes, " << threads
                          << " threads, seed " << seed);
              const Ran ran = run_program("inode",
                                          {{"design", 0, design},
                                           {"size_by", 0, size_by},
                                           {"inode_words", 0, words},
                                           {"put_takes_lock", seed == 1 ? 1.0 : 0.0},
                                           {"inodes", inodes},
                                           {"operations_per_thread", 100}},
                                          threads, {.seed = seed});
              CHECK(ran.failure == "");
              CHECK(ran.operations("get") == 100 * threads);
              CHECK(ran.operations("append") + ran.operations("stat") == 100 * threads);
              CHECK(ran.operations("put") == 100 * threads);
            }
}

TEST_CASE("all schedules with two pre-emptions are right, and most lost stores are noticed") {
  for (const char* design : {"locked", "lock_free"})
    for (const char* size_by : {"atomic", "per_core"}) {
      INFO(design << ", size " << size_by);
      const auto with = [&](double operations) {
        return Settings{
            {"design", 0, design}, {"size_by", 0, size_by}, {"operations_per_thread", operations}};
      };
      const Explored explored = explore("inode", with(3), 2, 2);
      CHECK(explored.failure == std::nullopt);
      CHECK(explored.schedules > 100);
      const double noticed = noticed_losses("inode", with(20), 3);
      CHECK(noticed >= (design[3] == 'k' ? 0.7 : 1.0));
    }
}

TEST_CASE("a size that misses complete appends is noticed when it is read, not only at the end") {
  // After an append that got lost every later size is too small.
  const Ran ran = run_program(
      "inode", {{"design", 0, "lock_free"}, {"append_fraction", 0.5}, {"operations_per_thread", 200}}, 2,
      {.lost_stores = 0.02});
  CHECK_THAT(ran.failure, Catch::Contains("had size"));
}
