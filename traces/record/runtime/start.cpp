// The program starts: finds the shared memory of `baton record`, if it is there, and becomes its program.
// Forks are not recorded.

#include "traces/record/runtime/start.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "traces/record/runtime/thread.hpp"

namespace baton::record {
namespace {

Control* shared = nullptr;  ///< also after a fork
Control* nothing = nullptr;
unsigned long long modules_seen = 0;

Control* map_shared() {
  const char* const path = std::getenv(environment_variable);
  if (path == nullptr) return nullptr;
  const int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return nullptr;
  struct stat status {};
  void* memory = MAP_FAILED;
  if (fstat(file, &status) == 0 && static_cast<std::size_t>(status.st_size) == sizeof(Control)) {
    memory = mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  close(file);
  if (memory == MAP_FAILED) return nullptr;
  auto* const found = static_cast<Control*>(memory);
  if (found->magic == layout_magic && found->bytes == sizeof(Control)) return found;
  munmap(memory, sizeof(Control));
  return nullptr;
}

int add_module(dl_phdr_info* info, std::size_t, void*) {
  if (info->dlpi_adds == modules_seen) return 1;  // none is new
  std::uint64_t begin = ~std::uint64_t{0}, end = 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    const std::uint64_t at = info->dlpi_addr + segment.p_vaddr;
    if (at < begin) begin = at;
    if (at + segment.p_memsz > end) end = at + segment.p_memsz;
  }
  const std::uint32_t count = shared->modules.load(std::memory_order_relaxed);
  if (end == 0 || count == maximum_modules) return 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (shared->module[i].begin == begin && shared->module[i].end == end) return 0;
  }
  Module& module = shared->module[count];
  module.base = info->dlpi_addr;
  module.begin = begin;
  module.end = end;
  const bool is_program = info->dlpi_name == nullptr || info->dlpi_name[0] == '\0';
  if (is_program && count == 0) {
    const ssize_t length = readlink("/proc/self/exe", module.path, sizeof module.path - 1);
    module.path[length < 0 ? 0 : length] = '\0';
  } else if (!is_program && info->dlpi_name[0] == '/') {
    std::snprintf(module.path, sizeof module.path, "%s", info->dlpi_name);
  } else if (!is_program && strchr(info->dlpi_name, '/') != nullptr) {
    char* const absolute = realpath(info->dlpi_name, nullptr);
    std::snprintf(module.path, sizeof module.path, "%s", absolute != nullptr ? absolute : info->dlpi_name);
    std::free(absolute);
  } else {
    return 0;  // no file: the kernel's
  }
  shared->modules.store(count + 1, std::memory_order_release);
  return 0;
}

int latest(dl_phdr_info* info, std::size_t, void* adds) {
  *static_cast<unsigned long long*>(adds) = info->dlpi_adds;
  return 1;
}

/// Libraries that are loaded later call __tsan_init, too.
void find_modules() {
  if (shared == nullptr || control != shared) return;
  const OwnCall own;
  dl_iterate_phdr(add_module, nullptr);
  dl_iterate_phdr(latest, &modules_seen);
}

/// The child shares the memory, so it must not write; its parent goes on.
void after_fork_in_child() {
  if (control != shared) return;
  shared->forks.fetch_add(1);
  control = nothing;
  forget_threads();
}

/// What a record costs by itself and must not count as work: the median of some rounds.
void calibrate() {
  if (control->measure_work == 0) return;
  constexpr int rounds = 31, accesses = 64;
  void* const memory =
      mmap(nullptr, sizeof(Chunk), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  Thread* const thread = self;
  thread->chunk = static_cast<Chunk*>(memory);
  std::uint64_t cycles[rounds];
  int variable = 0;
  for (std::uint64_t& sample : cycles) {
    thread->next = thread->chunk->slot;
    thread->end = thread->next + accesses + 2;
    const std::uint64_t begin = time_stamp();
    for (int i = 0; i < accesses; ++i) record_access(Event::load, &variable, 4, 0);
    sample = (time_stamp() - begin) / accesses;
  }
  for (int i = 1; i < rounds; ++i) {
    for (int j = i; j > 0 && cycles[j - 1] > cycles[j]; --j) {
      const std::uint64_t larger = cycles[j - 1];
      cycles[j - 1] = cycles[j];
      cycles[j] = larger;
    }
  }
  overhead_cycles = cycles[rounds / 2];
  thread->next = thread->end = nullptr;
  thread->chunk = nullptr;
  munmap(memory, sizeof(Chunk));
  control->work_capped.store(0);
}

__attribute__((constructor(101))) void start() {
  static bool started = false;
  if (started) return;
  started = true;
  shared = map_shared();
  if (shared == nullptr) return;
  std::int32_t nobody = 0;
  if (!shared->program.compare_exchange_strong(nobody, getpid())) {
    shared->others.fetch_add(1);
    munmap(shared, sizeof(Control));
    shared = nullptr;
    return;
  }
  nothing = control;
  control = shared;
  prepare_threads();
  pthread_atfork(nullptr, nullptr, after_fork_in_child);
  find_modules();
  shared->threads.store(1);
  if (begin_thread(0) == nullptr) return;
  const Level level = shared->region != 0 ? Level::outside : Level::all;
  if (shared->measure_work != 0) {
    shared->level.store(Level::all);
    calibrate();
  }
  shared->level.store(level);
  self->last = now();
}

void region(Event event, std::int32_t change, std::uintptr_t caller) {
  if (control->level.load() == Level::off) return;
  if (change < 0) record_unordered(Level::outside, event, caller);
  const std::int32_t before = control->regions.fetch_add(change);
  if (control->region != 0 && before == (change > 0 ? 0 : 1)) {
    Level from = change > 0 ? Level::outside : Level::all;
    control->level.compare_exchange_strong(from, change > 0 ? Level::all : Level::outside);
  }
  control->region_seen.store(1, std::memory_order_relaxed);
  if (change > 0) record_unordered(Level::outside, event, caller);
}

}  // namespace
}  // namespace baton::record

BATON_INTERFACE void __tsan_init() {
  baton::record::start();
  baton::record::find_modules();
}

BATON_INTERFACE void baton_record_region_begin() {
  baton::record::region(baton::record::Event::region_begin, 1, BATON_CALLER);
}
BATON_INTERFACE void baton_record_region_end() {
  baton::record::region(baton::record::Event::region_end, -1, BATON_CALLER);
}
