#pragma once
// The function that one of ours stands in front of.

#include <initializer_list>

#include <dlfcn.h>

namespace baton::record {

/// Looked up once. By version where there are several: dlsym() would give the oldest (condition variables).
inline void* find_next(void** slot, const char* name, const char* version) {
  void* found = __atomic_load_n(slot, __ATOMIC_RELAXED);
  if (found != nullptr) return found;
  if (version != nullptr) found = dlvsym(RTLD_NEXT, name, version);
  if (found == nullptr) found = dlsym(RTLD_NEXT, name);
  // The C++ library of a plugin that a program in C has loaded is not among those that follow ours.
  for (const char* const library : {"libstdc++.so.6", "libc++.so.1", "libc++abi.so.1"}) {
    if (found != nullptr) break;
    if (void* const handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD)) found = dlsym(handle, name);
  }
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
