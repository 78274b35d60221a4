// Reads whatever libFuzzer makes up, as one of the trace formats: every input is read or refused with an
// InputError. tests/fuzz/run builds and runs it.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "traces/error.hpp"
#include "traces/format/codec.hpp"
#include "traces/format/reader.hpp"
#include "traces/import/trace.hpp"

namespace {

using namespace baton::traces;

std::string format_name;
std::string path;  // of a file in memory
int descriptor = -1;

void drain(OrderedStream& stream) {
  std::vector<OrderedOperation> out(64);
  while (stream.next(out) > 0) {
  }
}

void read_records(const char* data, std::size_t size) {
  format::Decoder decoder;
  decoder.begin({data, size});
  format::Record record;
  while (decoder.get(record)) {
  }
}

void name_fields(bool salvage) {
  const format::Recording recording(path, salvage ? format::Damage::salvage : format::Damage::refuse);
  for (const format::DataSymbol& symbol : recording.symbols())
    format::field_at(recording.types(), symbol.type, symbol.bytes / 2);
  for (const format::Location& location : recording.locations())
    format::field_in_allocation(recording.types(), location.type, 64, 20);
}

void read_file(Order order, bool salvage) {
  TraceWorkload workload({.path = path, .format = format_name, .order = order, .salvage = salvage});
  if (const auto ordered = workload.ordered()) return drain(*ordered);
  std::vector<Operation> out(64);
  for (int core = 0; core < workload.cores() && core < 100; ++core) {
    const auto stream = workload.stream(core);
    while (stream->next(out) > 0) {
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* const name = std::getenv("BATON_FUZZ_FORMAT");
  if (name == nullptr) {
    std::fputs("BATON_FUZZ_FORMAT must name a trace format, or \"records\"\n", stderr);
    std::exit(2);
  }
  format_name = name;
  descriptor = memfd_create("input", 0);
  path = "/proc/self/fd/" + std::to_string(descriptor);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* const text = reinterpret_cast<const char*>(data);
  if (format_name == "records") {
    read_records(text, size);
    return 0;
  }
  if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, text, size, 0) != static_cast<ssize_t>(size))
    std::abort();
  for (const Order order : {Order::free, Order::global}) {
    for (const bool salvage : {false, true}) {
      if (salvage && format_name != "recording") continue;
      try {
        read_file(order, salvage);
        if (format_name == "recording" && order == Order::free) name_fields(salvage);
      } catch (const InputError&) {
      }
    }
  }
  return 0;
}
