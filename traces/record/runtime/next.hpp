#pragma once
// The function that one of ours stands in front of.

#include <dlfcn.h>

namespace baton::record {

/// Looked up once. By version where there are several: dlsym() would give the oldest (condition variables).
inline void* find_next(void** slot, const char* name, const char* version) {
  void* found = __atomic_load_n(slot, __ATOMIC_RELAXED);
  if (found != nullptr) return found;
  if (version != nullptr) found = dlvsym(RTLD_NEXT, name, version);
  if (found == nullptr) found = dlsym(RTLD_NEXT, name);
  __atomic_store_n(slot, found, __ATOMIC_RELAXED);
  return found;
}

}  // namespace baton::record

#define BATON_NEXT_VERSION(FUNCTION, VERSION)                                                            \
  ([]() noexcept {                                                                                       \
    static void* slot = nullptr;                                                                         \
    return reinterpret_cast<decltype(&::FUNCTION)>(baton::record::find_next(&slot, #FUNCTION, VERSION)); \
  }())
#define BATON_NEXT(FUNCTION) BATON_NEXT_VERSION(FUNCTION, nullptr)
