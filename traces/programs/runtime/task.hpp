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
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> given) const noexcept {
      auto& promise = *static_cast<PromiseBase*>(Frames::promise_of(given));
      promise.done = true;
      return promise.awaiting;
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  Final final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }

  static void* operator new(std::size_t bytes) { return Frames::allocate(bytes); }
  static void operator delete(void* frame, std::size_t bytes) { Frames::release(frame, bytes); }

  std::coroutine_handle<> self;
  std::coroutine_handle<> awaiting = std::noop_coroutine();  // the executor, for a thread's outermost task
  std::exception_ptr failure;
  bool done = false;
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
  Task(Task&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    Task old(std::move(*this));
    promise_ = std::exchange(other.promise_, nullptr);
    return *this;
  }
  ~Task() {
    if (promise_ != nullptr) promise_->self.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> given) noexcept {
    promise_->awaiting = Frames::resumable(given);
    return promise_->self;
  }
  T await_resume() { return promise_->result(); }

  // For who runs a thread's outermost task: the handle to start it by, and its end.
  explicit operator bool() const noexcept { return promise_ != nullptr; }
  std::coroutine_handle<> handle() const noexcept { return promise_->self; }
  bool done() const noexcept { return promise_->done; }
  /// What the task returned or threw; only when it is done.
  T result() { return promise_->result(); }

 private:
  friend promise_type;
  explicit Task(promise_type& promise) : promise_(&promise) {
    promise.self = Frames::adopt(std::coroutine_handle<promise_type>::from_promise(promise),
                                 static_cast<detail::PromiseBase*>(&promise));
  }

  promise_type* promise_ = nullptr;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(*this);
}
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(*this);
}

}  // namespace detail
}  // namespace baton::programs
