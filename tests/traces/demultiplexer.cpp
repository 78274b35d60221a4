// One file as a stream a core: nothing lost, in order, in bounded memory.
#include "traces/import/demultiplexer.hpp"

#include "tests/traces/import_support.hpp"

using namespace baton::traces;
using namespace baton::traces::test;

namespace {

/// `each` accesses a core, whose addresses count them; core after core, or in turn.
class Numbered final : public OrderedStream {
 public:
  Numbered(std::uint32_t cores, std::uint64_t each, bool in_turn)
      : cores_(cores), each_(each), in_turn_(in_turn) {}
  std::size_t next(std::span<OrderedOperation> out) override {
    std::size_t n = 0;
    for (; n < out.size() && at_ < cores_ * each_; ++n, ++at_) {
      out[n].core = static_cast<std::uint32_t>(in_turn_ ? at_ % cores_ : at_ / each_);
      out[n].operation.address = in_turn_ ? at_ / cores_ : at_ % each_;
    }
    return n;
  }

 private:
  std::uint64_t cores_, each_, at_ = 0;
  bool in_turn_;
};

bool counts_up(const std::vector<Operation>& operations, std::uint64_t to) {
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (operations[i].address != i) return false;
  }
  return operations.size() == to;
}

std::vector<Operation> drain(Demultiplexer& demultiplexer, std::uint32_t core) {
  std::vector<Operation> all;
  std::vector<Operation> out(333);
  while (const std::size_t n = demultiplexer.next(core, out)) {
    all.insert(all.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n));
  }
  return all;
}

}  // namespace

TEST_CASE("cores at any speed get their own accesses in order, with and without a temporary file") {
  for (bool in_turn : {false, true}) {
    for (std::size_t limit : {std::size_t{0}, std::size_t{16} << 10, std::size_t{64} << 20}) {
      Demultiplexer demultiplexer(std::make_unique<Numbered>(4, 20'000, in_turn), 4, limit, "x");
      for (std::uint32_t core : {3U, 1U, 0U, 2U}) CHECK(counts_up(drain(demultiplexer, core), 20'000));
      CHECK((demultiplexer.spilled_chunks() > 0) == (limit < (std::size_t{1} << 20)));
    }
  }
}

TEST_CASE("cores that advance together need no temporary file") {
  Demultiplexer demultiplexer(std::make_unique<Numbered>(8, 20'000, true), 8, 256 << 10, "x");
  std::vector<Operation> out(50);
  std::uint64_t total = 0;
  for (bool any = true; any;) {
    any = false;
    for (std::uint32_t core = 0; core < 8; ++core) {
      const std::size_t n = demultiplexer.next(core, out);
      total += n;
      any = any || n > 0;
    }
  }
  CHECK(total == 160'000);
  CHECK(demultiplexer.spilled_chunks() == 0);
}

TEST_CASE("cores that advance by turns, one always ahead, reuse the temporary file") {
  Demultiplexer demultiplexer(std::make_unique<Numbered>(2, 200'000, true), 2, 8 << 10, "x");
  std::vector<Operation> out(5000);
  std::vector<Operation> got[2];
  for (bool any = true; any;) {
    any = false;
    for (std::uint32_t core : {0U, 1U}) {
      // Half of 10,000 accesses at a time: the other core's wait, most of them in the file.
      for (std::size_t left = 5000; left > 0;) {
        const std::size_t n = demultiplexer.next(core, std::span(out).first(left));
        if (n == 0) break;
        got[core].insert(got[core].end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n));
        left -= n;
        any = true;
      }
    }
  }
  CHECK(counts_up(got[0], 200'000));
  CHECK(counts_up(got[1], 200'000));
  CHECK(demultiplexer.spilled_chunks() > 0);
}

TEST_CASE("the order free of a text file gives each core its accesses, and an error reaches every core") {
  TemporaryFolder folder;
  std::string text;
  for (int core = 0; core < 3; ++core) {
    for (int i = 0; i < 10'000; ++i) text += std::to_string(core) + " r " + std::to_string(i % 10) + "8 8\n";
  }
  TraceWorkload workload({.path = folder.write("a", text), .cores = 4, .backlog_bytes = 4096});
  std::vector<std::unique_ptr<OperationStream>> streams;
  for (int core = 0; core < 4; ++core) streams.push_back(workload.stream(core));
  CHECK(baton::traces::test::drain(*streams[3]).empty());
  for (std::size_t core = 0; core < 3; ++core) {
    const auto read = baton::traces::test::drain(*streams[core]);
    REQUIRE(read.size() == 10'000);
    CHECK(read[9'999].address == 0x98);
  }

  TraceWorkload wrong({.path = folder.write("b", "0 r 8\n1 r 8\n0 r\n"), .cores = 2});
  const auto first = wrong.stream(0);
  const auto second = wrong.stream(1);
  const std::string message =
      (folder / "b") +
      ": line 3: the address is missing, found \"0 r\", allowed core op address [size] [gap]";
  CHECK_THROWS_WITH(baton::traces::test::drain(*second), message);
  CHECK_THROWS_WITH(baton::traces::test::drain(*first), message);
}
