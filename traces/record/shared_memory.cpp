#include "traces/record/shared_memory.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <system_error>
#include <thread>

#include <sys/mman.h>
#include <unistd.h>

namespace baton::record {
namespace {

std::uint64_t time_stamp() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  std::uint64_t value;
  asm volatile("mrs %0, cntvct_el0" : "=r"(value));
  return value;
#endif
}

}  // namespace

double cycles_per_second() {
  static const double rate = [] {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    const std::uint64_t first = time_stamp();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const std::uint64_t last = time_stamp();
    const std::chrono::duration<double> elapsed = Clock::now() - begin;
    return static_cast<double>(last - first) / elapsed.count();
  }();
  return rate;
}

SharedMemory::SharedMemory(const Options& options) {
  const auto fail = [&](const char* what) {
    const int error = errno;
    if (file_ >= 0) close(file_);
    throw std::system_error(error, std::generic_category(), what);
  };
  file_ = memfd_create("baton-record", MFD_CLOEXEC);
  if (file_ < 0 || ftruncate(file_, sizeof(Control)) != 0) fail("memory to share with the program");
  void* const memory = mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (memory == MAP_FAILED) fail("memory to share with the program");
  control_ = static_cast<Control*>(memory);  // all zero
  control_->magic = layout_magic;
  control_->bytes = sizeof(Control);
  control_->collector = getpid();
  control_->region = options.region ? 1 : 0;
  control_->measure_work = options.work ? 1 : 0;
  control_->skip_stack = options.own_stack ? 0 : 1;
  control_->yield_every = options.yield_every;
  const double cap = options.work ? options.work_cap_us * 1e-6 * cycles_per_second() : 0;
  control_->work_cap_cycles = static_cast<std::uint32_t>(std::min(cap, 4e9));
  const auto unlimited = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / 2);
  control_->budget =
      static_cast<std::int64_t>(options.records == 0 ? unlimited : std::min(options.records, unlimited));
  control_->free = none;
  control_->full = none;
  control_->contexts = 1;
}

SharedMemory::~SharedMemory() {
  munmap(control_, sizeof(Control));
  close(file_);
}

std::string SharedMemory::path() const {
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file_);
}

}  // namespace baton::record
