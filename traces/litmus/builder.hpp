#pragma once
// A test as it is being read: its words by name, and each thread's registers and code.

#include <map>

#include "traces/litmus/source.hpp"

namespace baton::litmus {

class Builder {
 public:
  explicit Builder(Test& test) : test_(test) {}

  /// The location, made if it is not known.
  std::size_t location(std::string_view name);
  bool knows(std::string_view name) const { return locations_.contains(std::string(name)); }
  /// The thread's register, made if it is not known; the key is what other spellings of it have in common.
  std::size_t reg(std::size_t thread, const std::string& key, std::string_view spelling);
  bool has_reg(std::size_t thread, const std::string& key) const;
  /// A register of the parser's own.
  std::size_t temporary(std::size_t thread);

  Thread& thread(std::size_t number);
  Test& test() { return test_; }
  bool is_x86() const { return test_.language != "C"; }
  /// The key of a register's name in this language; empty: x86 has no such register.
  std::string key(std::string_view name) const;

 private:
  Test& test_;
  std::map<std::string, std::size_t> locations_;
  std::vector<std::map<std::string, std::size_t>> registers_;
};

inline constexpr std::size_t most_threads = 8;

// The languages: each reads the code in source.text()[begin, end).
void read_x86(const Source& source, std::size_t begin, std::size_t end, Builder& builder);
void read_c(const Source& source, std::size_t begin, std::size_t end, Builder& builder);

/// "rax" of eax, EAX, AL …; empty: no general register.
std::string x86_register(std::string_view name);

}  // namespace baton::litmus
