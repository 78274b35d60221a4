// Memory that is allocated and freed, so that a line can be named by the place that allocated it. A block's
// release is recorded before it happens and its allocation after, in the order domain of its address: so the
// order of two owners of the same address is known.

#include <cerrno>
#include <cstdlib>

#include <malloc.h>
#include <unistd.h>

#include "traces/record/runtime/next.hpp"
#include "traces/record/runtime/thread.hpp"

// glibc's own names for the functions that we stand in front of: to look these up would need memory.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

namespace {

using namespace baton::record;

void* allocated(void* memory, std::size_t bytes, std::uintptr_t caller) {
  if (memory != nullptr && self != nullptr) {
    record_event(Level::outside, Event::allocate, memory, caller, bytes);
  }
  return memory;
}
void released(void* memory, std::uintptr_t caller) {
  if (memory != nullptr && self != nullptr) {
    record_event(Level::outside, Event::release, memory, caller);
  }
}

}  // namespace

BATON_INTERFACE void* malloc(std::size_t bytes) noexcept {
  return allocated(__libc_malloc(bytes), bytes, BATON_CALLER);
}
BATON_INTERFACE void* calloc(std::size_t count, std::size_t bytes) noexcept {
  return allocated(__libc_calloc(count, bytes), count * bytes, BATON_CALLER);
}
BATON_INTERFACE void* memalign(std::size_t alignment, std::size_t bytes) noexcept {
  return allocated(__libc_memalign(alignment, bytes), bytes, BATON_CALLER);
}
BATON_INTERFACE void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  return allocated(__libc_memalign(alignment, bytes), bytes, BATON_CALLER);
}
BATON_INTERFACE int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) noexcept {
  if (alignment % sizeof(void*) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  void* const made = __libc_memalign(alignment, bytes);
  if (made == nullptr) return ENOMEM;
  *memory = allocated(made, bytes, BATON_CALLER);
  return 0;
}
BATON_INTERFACE void* valloc(std::size_t bytes) noexcept {
  return allocated(__libc_memalign(static_cast<std::size_t>(sysconf(_SC_PAGESIZE)), bytes), bytes,
                   BATON_CALLER);
}
BATON_INTERFACE void free(void* memory) noexcept {
  released(memory, BATON_CALLER);
  __libc_free(memory);
}
BATON_INTERFACE void* realloc(void* memory, std::size_t bytes) noexcept {
  const std::size_t before = memory == nullptr ? 0 : malloc_usable_size(memory);
  released(memory, BATON_CALLER);
  void* const made = __libc_realloc(memory, bytes);
  if (made == nullptr && bytes != 0) {
    allocated(memory, before, BATON_CALLER);  // it is still there
    return nullptr;
  }
  return allocated(made, bytes, BATON_CALLER);
}
BATON_INTERFACE void* reallocarray(void* memory, std::size_t count, std::size_t bytes) noexcept {
  std::size_t all = 0;
  if (__builtin_mul_overflow(count, bytes, &all)) {
    errno = ENOMEM;
    return nullptr;
  }
  return realloc(memory, all);
}
