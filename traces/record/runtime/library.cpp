// Functions of the C++ library, which is not instrumented, that call others that are recorded: these are to
// have the place of the user's call. The library's own functions do the work, found at run time, because a
// program in C has none. They are written here by their mangled names, for they must not be declared, and
// with pointers for references.

#include <cstddef>

#include "traces/record/runtime/next.hpp"
#include "traces/record/runtime/thread.hpp"

using baton::record::Through;

#define BATON_THROUGH(RESULT, NAME, PARAMETERS, ARGUMENTS) \
  extern "C" RESULT NAME PARAMETERS;                       \
  BATON_INTERFACE RESULT NAME PARAMETERS {                 \
    const Through through(BATON_CALLER);                   \
    return BATON_NEXT(NAME) ARGUMENTS;                     \
  }

// operator new, new[], nothrow, aligned, aligned nothrow
BATON_THROUGH(void*, _Znwm, (std::size_t n), (n))
BATON_THROUGH(void*, _Znam, (std::size_t n), (n))
BATON_THROUGH(void*, _ZnwmRKSt9nothrow_t, (std::size_t n, const void* t), (n, t))
BATON_THROUGH(void*, _ZnamRKSt9nothrow_t, (std::size_t n, const void* t), (n, t))
BATON_THROUGH(void*, _ZnwmSt11align_val_t, (std::size_t n, std::size_t a), (n, a))
BATON_THROUGH(void*, _ZnamSt11align_val_t, (std::size_t n, std::size_t a), (n, a))
BATON_THROUGH(void*, _ZnwmSt11align_val_tRKSt9nothrow_t, (std::size_t n, std::size_t a, const void* t),
              (n, a, t))
BATON_THROUGH(void*, _ZnamSt11align_val_tRKSt9nothrow_t, (std::size_t n, std::size_t a, const void* t),
              (n, a, t))
// operator delete, delete[], with sizes and alignments
BATON_THROUGH(void, _ZdlPv, (void* p), (p))
BATON_THROUGH(void, _ZdaPv, (void* p), (p))
BATON_THROUGH(void, _ZdlPvm, (void* p, std::size_t n), (p, n))
BATON_THROUGH(void, _ZdaPvm, (void* p, std::size_t n), (p, n))
BATON_THROUGH(void, _ZdlPvSt11align_val_t, (void* p, std::size_t a), (p, a))
BATON_THROUGH(void, _ZdaPvSt11align_val_t, (void* p, std::size_t a), (p, a))
BATON_THROUGH(void, _ZdlPvmSt11align_val_t, (void* p, std::size_t n, std::size_t a), (p, n, a))
BATON_THROUGH(void, _ZdaPvmSt11align_val_t, (void* p, std::size_t n, std::size_t a), (p, n, a))
// std::thread::_M_start_thread, join, detach
BATON_THROUGH(void, _ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE,
              (void* thread, void* state, void* depend), (thread, state, depend))
BATON_THROUGH(void, _ZNSt6thread4joinEv, (void* thread), (thread))
BATON_THROUGH(void, _ZNSt6thread6detachEv, (void* thread), (thread))
// std::condition_variable::wait, notify_one, notify_all
BATON_THROUGH(void, _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE, (void* condition, void* lock),
              (condition, lock))
BATON_THROUGH(void, _ZNSt18condition_variable10notify_oneEv, (void* condition), (condition))
BATON_THROUGH(void, _ZNSt18condition_variable10notify_allEv, (void* condition), (condition))
#undef BATON_THROUGH
