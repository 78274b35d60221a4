// The entry points that compilers call for plain accesses, functions and copied memory. g++ 12 and clang 14
// are known; what only one of them, or a later one, calls is here too.

#include <cstring>

#include "traces/record/runtime/thread.hpp"

namespace {

using baton::record::Event;
using baton::record::record_access;

using Pointer = void*;

void copied(void* to, const void* from, std::size_t size, std::uintptr_t caller) {
  if (size == 0) return;
  record_access(Event::load, from, size, caller);
  record_access(Event::store, to, size, caller);
}

}  // namespace

#define BATON_PLAIN(PREFIX, SIZE)                                           \
  BATON_INTERFACE void __tsan_##PREFIX##read##SIZE(Pointer address) {       \
    record_access(Event::load, address, SIZE, BATON_CALLER);                \
  }                                                                         \
  BATON_INTERFACE void __tsan_##PREFIX##write##SIZE(Pointer address) {      \
    record_access(Event::store, address, SIZE, BATON_CALLER);               \
  }                                                                         \
  BATON_INTERFACE void __tsan_##PREFIX##read_write##SIZE(Pointer address) { \
    record_access(Event::load, address, SIZE, BATON_CALLER);                \
    record_access(Event::store, address, SIZE, BATON_CALLER);               \
  }
BATON_PLAIN(, 1)
BATON_PLAIN(, 2)
BATON_PLAIN(, 4)
BATON_PLAIN(, 8)
BATON_PLAIN(, 16)
BATON_PLAIN(unaligned_, 2)
BATON_PLAIN(unaligned_, 4)
BATON_PLAIN(unaligned_, 8)
BATON_PLAIN(unaligned_, 16)
BATON_PLAIN(volatile_, 1)
BATON_PLAIN(volatile_, 2)
BATON_PLAIN(volatile_, 4)
BATON_PLAIN(volatile_, 8)
BATON_PLAIN(volatile_, 16)
BATON_PLAIN(unaligned_volatile_, 2)
BATON_PLAIN(unaligned_volatile_, 4)
BATON_PLAIN(unaligned_volatile_, 8)
BATON_PLAIN(unaligned_volatile_, 16)
#undef BATON_PLAIN

// Sanitizers' run-time interface for code that is not compiled with the flag.
#define BATON_UNALIGNED(SIZE, TYPE)                                                   \
  BATON_INTERFACE TYPE __sanitizer_unaligned_load##SIZE(const void* address) {        \
    TYPE value;                                                                       \
    record_access(Event::load, address, sizeof value, BATON_CALLER);                  \
    __builtin_memcpy(&value, address, sizeof value);                                  \
    return value;                                                                     \
  }                                                                                   \
  BATON_INTERFACE void __sanitizer_unaligned_store##SIZE(void* address, TYPE value) { \
    record_access(Event::store, address, sizeof value, BATON_CALLER);                 \
    __builtin_memcpy(address, &value, sizeof value);                                  \
  }
BATON_UNALIGNED(16, std::uint16_t)
BATON_UNALIGNED(32, std::uint32_t)
BATON_UNALIGNED(64, std::uint64_t)
#undef BATON_UNALIGNED

BATON_INTERFACE void __tsan_read_range(Pointer address, unsigned long size) {
  if (size != 0) record_access(Event::load, address, size, BATON_CALLER);
}
BATON_INTERFACE void __tsan_write_range(Pointer address, unsigned long size) {
  if (size != 0) record_access(Event::store, address, size, BATON_CALLER);
}
BATON_INTERFACE void __tsan_vptr_read(Pointer* address) {
  record_access(Event::load, address, sizeof *address, BATON_CALLER);
}
BATON_INTERFACE void __tsan_vptr_update(Pointer* address, Pointer) {
  record_access(Event::store, address, sizeof *address, BATON_CALLER);
}

// The linker sends a program's calls of memcpy here (--wrap), clang 15 and later call the second name.
#define BATON_COPY(NAME)                                                              \
  BATON_INTERFACE void* __wrap_##NAME(void* to, const void* from, std::size_t size) { \
    copied(to, from, size, BATON_CALLER);                                             \
    return std::NAME(to, from, size);                                                 \
  }                                                                                   \
  BATON_INTERFACE void* __tsan_##NAME(void* to, const void* from, std::size_t size) { \
    copied(to, from, size, BATON_CALLER);                                             \
    return std::NAME(to, from, size);                                                 \
  }
BATON_COPY(memcpy)
BATON_COPY(memmove)
#undef BATON_COPY
BATON_INTERFACE void* __wrap_memset(void* to, int value, std::size_t size) {
  if (size != 0) record_access(Event::store, to, size, BATON_CALLER);
  return std::memset(to, value, size);
}
BATON_INTERFACE void* __tsan_memset(void* to, int value, std::size_t size) {
  if (size != 0) record_access(Event::store, to, size, BATON_CALLER);
  return std::memset(to, value, size);
}

// Annotations of programs that know ThreadSanitizer; a recording needs none of them.
BATON_INTERFACE void __tsan_ignore_thread_begin() {}
BATON_INTERFACE void __tsan_ignore_thread_end() {}
BATON_INTERFACE void __tsan_acquire(void*) {}
BATON_INTERFACE void __tsan_release(void*) {}
BATON_INTERFACE void __tsan_mutex_create(void*, unsigned) {}
BATON_INTERFACE void __tsan_mutex_destroy(void*, unsigned) {}
BATON_INTERFACE void __tsan_mutex_pre_lock(void*, unsigned) {}
BATON_INTERFACE void __tsan_mutex_post_lock(void*, unsigned, int) {}
BATON_INTERFACE int __tsan_mutex_pre_unlock(void*, unsigned) {
  return 0;
}
BATON_INTERFACE void __tsan_mutex_post_unlock(void*, unsigned) {}
BATON_INTERFACE void __tsan_mutex_pre_signal(void*, unsigned) {}
BATON_INTERFACE void __tsan_mutex_post_signal(void*, unsigned) {}
BATON_INTERFACE void __tsan_mutex_pre_divert(void*, unsigned) {}
BATON_INTERFACE void __tsan_mutex_post_divert(void*, unsigned) {}
BATON_INTERFACE void* __tsan_get_current_fiber() {
  return nullptr;
}
BATON_INTERFACE void* __tsan_create_fiber(unsigned) {
  return nullptr;
}
BATON_INTERFACE void __tsan_destroy_fiber(void*) {}
BATON_INTERFACE void __tsan_switch_to_fiber(void*, unsigned) {}
BATON_INTERFACE void __tsan_set_fiber_name(void*, const char*) {}
