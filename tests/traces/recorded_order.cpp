// Recordings as workloads: accesses with the recorded order among threads in their streams.
#include "tests/traces/import_support.hpp"
#include "traces/format/writer.hpp"
#include "traces/import/merge.hpp"
#include "traces/import/recording_stream.hpp"

using namespace baton::traces;
using namespace baton::traces::test;
using format::Event;
using format::MemoryOrder;
using format::order_domain;
using format::Record;

namespace {

constexpr Address counter = 0x1000;

Record atomic(std::uint64_t sequence, Address address = counter) {
  return {.address = address,
          .sequence = sequence,
          .size = 8,
          .event = Event::rmw,
          .order = MemoryOrder::seq_cst};
}

void write_recording(const std::string& path, const std::vector<std::vector<Record>>& threads) {
  format::Writer writer(path, {{"program", "p"}});
  for (std::uint32_t thread = 0; thread < threads.size(); ++thread) writer.append(thread, threads[thread]);
  writer.finish();
}

std::vector<Operation> stream_of(const std::string& path, int thread, Order order = Order::recorded) {
  TraceWorkload workload({.path = path, .order = order});
  return drain(*workload.stream(thread));
}

Operation gate(Kind kind, Address number, std::uint32_t value) {
  return {.address = number, .gap_cycles = value, .size = 0, .kind = kind, .completes = false};
}

}  // namespace

TEST_CASE("a recording's records become accesses with gates") {
  TemporaryFolder folder;
  const std::string path = folder / "a.baton";
  const Record create{.value = 1, .event = Event::thread_create};
  const Record join{.value = 1, .event = Event::thread_join};
  const Record allocation{.address = 0x40, .value = 100, .work_cycles = 7, .event = Event::allocate};
  const Record load{.address = 0x2004, .work_cycles = 5, .size = 4, .event = Event::load};
  const Record copy{.address = 0x3030, .size = 100, .event = Event::store};
  const Record lock{.address = counter + 64, .sequence = 0, .event = Event::mutex_lock};
  write_recording(path,
                  {{create, allocation, load, atomic(1), join},
                   {{.event = Event::thread_start}, atomic(0), copy, lock, {.event = Event::thread_end}}});
  const std::uint32_t domain = order_domain(counter);
  const std::uint32_t other = order_domain(counter + 64);
  CHECK(stream_of(path, 0) == std::vector<Operation>{gate(Kind::advance, started_counter(1), 1),
                                                     {0x2004, 12, 4, Kind::load},
                                                     gate(Kind::await, domain, 1),
                                                     {counter, 0, 8, Kind::rmw},
                                                     gate(Kind::advance, domain, 2),
                                                     gate(Kind::await, ended_counter(1), 1)});
  CHECK(stream_of(path, 1) == std::vector<Operation>{gate(Kind::await, started_counter(1), 1),
                                                     gate(Kind::await, domain, 0),
                                                     {counter, 0, 8, Kind::rmw},
                                                     gate(Kind::advance, domain, 1),
                                                     {0x3030, 0, 16, Kind::store, false},
                                                     {0x3040, 0, 64, Kind::store, false},
                                                     {0x3080, 0, 20, Kind::store, true},
                                                     gate(Kind::await, other, 0),
                                                     {counter + 64, 0, 4, Kind::rmw},
                                                     gate(Kind::advance, other, 1),
                                                     gate(Kind::advance, ended_counter(1), 1)});
}

TEST_CASE("work stays on its side of a gate that has no access") {
  TemporaryFolder folder;
  const std::string path = folder / "a.baton";
  const Record create{.value = 1, .work_cycles = 10, .event = Event::thread_create};
  const Record join{.value = 1, .work_cycles = 20, .event = Event::thread_join};
  const Record load{.address = 0x2000, .work_cycles = 30, .size = 8, .event = Event::load};
  const Record start{.work_cycles = 5, .event = Event::thread_start};
  const Record end{.work_cycles = 40, .event = Event::thread_end};
  write_recording(path, {{create, join, load}, {start, load, end}});
  const auto work = [](std::uint32_t cycles) {
    return Operation{.gap_cycles = cycles, .size = 0, .kind = Kind::work, .completes = false};
  };
  const Operation access{0x2000, 0, 8, Kind::load};
  CHECK(stream_of(path, 0) == std::vector<Operation>{work(10), gate(Kind::advance, started_counter(1), 1),
                                                     work(20), gate(Kind::await, ended_counter(1), 1),
                                                     work(30), access});
  CHECK(stream_of(path, 1) == std::vector<Operation>{gate(Kind::await, started_counter(1), 1), work(35),
                                                     access, work(40),
                                                     gate(Kind::advance, ended_counter(1), 1)});
  TraceWorkload global({.path = path, .order = Order::global});
  std::vector<std::uint32_t> gaps;
  for (const OrderedOperation& one : drain(*global.ordered())) gaps.push_back(one.operation.gap_cycles);
  CHECK(gaps == std::vector<std::uint32_t>{35, 60});
}

TEST_CASE("the global order of a recording keeps the recorded one") {
  TemporaryFolder folder;
  const std::string path = folder / "a.baton";
  write_recording(path, {{atomic(1), atomic(4)}, {atomic(2), atomic(3)}, {atomic(0), atomic(5)}});
  TraceWorkload workload({.path = path, .order = Order::global});
  std::vector<std::uint32_t> cores;
  for (const OrderedOperation& one : drain(*workload.ordered(), 2)) cores.push_back(one.core);
  CHECK(cores == std::vector<std::uint32_t>{2, 0, 1, 1, 0, 2});
}

TEST_CASE("memory that is freed and allocated has its turn, too") {
  TemporaryFolder folder;
  const std::string path = folder / "a.baton";
  const Record freed{.address = counter, .sequence = 1, .event = Event::release};
  const Record allocated{.address = counter, .sequence = 2, .value = 8, .event = Event::allocate};
  write_recording(path, {{atomic(0), freed}, {allocated, atomic(3)}});
  const std::uint32_t domain = order_domain(counter);
  CHECK(stream_of(path, 1) == std::vector<Operation>{gate(Kind::await, domain, 2),
                                                     gate(Kind::advance, domain, 3),
                                                     gate(Kind::await, domain, 3),
                                                     {counter, 0, 8, Kind::rmw},
                                                     gate(Kind::advance, domain, 4)});
  TraceWorkload workload({.path = path, .order = Order::global});
  CHECK(drain(*workload.ordered(), 2).size() == 2);
}

TEST_CASE("turns that are missing from a recording are not waited for") {
  TemporaryFolder folder;
  const std::string path = folder / "a.baton";
  write_recording(path, {{atomic(10), atomic(17)}, {atomic(12)}});
  const std::uint32_t domain = order_domain(counter);
  CHECK(stream_of(path, 1)[0] == gate(Kind::await, domain, 1));
  CHECK(stream_of(path, 0)[3] == gate(Kind::await, domain, 2));
  // The other thread's end is missing.
  write_recording(path, {{{.value = 1, .event = Event::thread_join}, atomic(0)}, {atomic(1)}});
  CHECK(stream_of(path, 0).size() == 3);
}

TEST_CASE("orders that cannot be are refused") {
  TemporaryFolder folder;
  const std::string path = folder / "a.baton";
  write_recording(path, {{atomic(0), atomic(5)}, {atomic(5)}});
  CHECK(read_error(path, 0, "auto", Order::recorded) ==
        path + ": the recorded order is corrupt: two records are the same turn of order domain " +
            std::to_string(order_domain(counter)));
  write_recording(path, {{atomic(1), atomic(0)}});
  CHECK(
      read_error(path, 0, "auto", Order::global) ==
      path +
          ": the recorded order has a cycle: core 0 and all others that have not ended wait for each other");
  const std::string text = folder.write("a.trace", "0 r 10\n");
  CHECK(read_error(text, 0, "auto", Order::recorded) ==
        text +
            ": the order \"recorded\" is not possible: a trace of the format text records no order of single "
            "accesses, allowed \"free\" or \"global\"");
  write_recording(path, {{atomic(0)}, {atomic(1)}});
  CHECK(read_error(path, 1) ==
        path + ": the trace has more cores than the machine, found 2 threads, allowed at most 1");
  write_recording(path, {{{.event = Event::thread_end}}});
  CHECK(read_error(path, 0) == path + ": the trace is empty, found no access, allowed at least one");
}
