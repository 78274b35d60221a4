#pragma once
// The coroutine type of programs. A Task starts when it is awaited, and its end resumes who awaits it, both
// by symmetric transfer: however deep the nesting, an operation on simulated memory suspends the innermost
// coroutine and returns to the executor, and resumes it there.
//
// A Task owns its frame: destroying a suspended Task destroys the frames of all that it awaits. Exceptions
// leave through co_await.

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "traces/programs/runtime/frames.hpp"

namespace baton::programs {

template <class T = void>
class Task;

namespace detail {

struct PromiseBase {
  struct Final {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      return self.promise().awaiting;
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  Final final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }

  static void* operator new(std::size_t bytes) { return Frames::allocate(bytes); }
  static void operator delete(void* frame, std::size_t bytes) { Frames::release(frame, bytes); }

  std::coroutine_handle<> awaiting = std::noop_coroutine();  // the executor, for a thread's outermost task
  std::exception_ptr failure;
};

template <class T>
struct Promise : PromiseBase {
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T result() {
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }
  std::optional<T> value;
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void result() const {
    if (failure) std::rethrow_exception(failure);
  }
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;

  Task() = default;
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    Task old(std::move(*this));
    handle_ = std::exchange(other.handle_, {});
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().awaiting = awaiting;
    return handle_;
  }
  T await_resume() { return handle_.promise().result(); }

  // For who runs a thread's outermost task: the handle to start it by, and its end.
  explicit operator bool() const noexcept { return static_cast<bool>(handle_); }
  std::coroutine_handle<> handle() const noexcept { return handle_; }
  bool done() const noexcept { return handle_.done(); }
  /// What the task returned or threw; only when it is done.
  T result() { return handle_.promise().result(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

}  // namespace detail
}  // namespace baton::programs
