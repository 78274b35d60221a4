#pragma once
// Trace formats: what one is, and the list of all. A format is one file in formats/; CMake finds it.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "traces/operation.hpp"

namespace baton::traces {

/// More cores than any machine has; keeps a damaged core number from costing memory.
inline constexpr std::uint32_t maximum_cores = 65536;

/// A file with a stream of accesses a thread. Each stream can be read by itself.
class ThreadFile {
 public:
  virtual ~ThreadFile() = default;
  virtual std::uint32_t threads() const = 0;
  /// A thread's accesses, with Kind::await and Kind::advance for what the file records of their order. At
  /// most once a thread.
  virtual std::unique_ptr<OrderedStream> stream(std::uint32_t thread) const = 0;
  /// False if nothing was recorded of the order among several threads: the streams have no gates.
  virtual bool ordered() const = 0;
};

class Format {
 public:
  virtual ~Format() = default;

  /// The name of the format's file.
  virtual std::string_view name() const = 0;
  /// One line: what a record looks like.
  virtual std::string_view summary() const = 0;
  /// One file a core? Then no order between cores is recorded.
  virtual bool file_per_core() const = 0;
  /// Do the streams of one core each, of several files or a ThreadFile, have the recorded order among cores
  /// in them as Kind::await and Kind::advance?
  virtual bool gates() const { return false; }
  /// Not null if one file has a stream a thread; then open() is not called. `salvage`: leaves out what is
  /// damaged, which only these formats can.
  virtual std::shared_ptr<const ThreadFile> threads(const std::string& /*path*/, bool /*salvage*/) const {
    return nullptr;
  }
  /// One file a core: where in a file's name the core's number is. The name with {core} in place of the
  /// number, or as it is: then a number before its first dot, if there is one.
  virtual std::string numbered(const std::string& name) const { return name; }
  /// One more file that open() reads beside `path`, if it exists; empty: none.
  virtual std::string companion(const std::string& /*path*/) const { return {}; }
  /// The number of core 0's file.
  virtual std::uint32_t first_number() const { return 0; }
  /// Is a file of this name, without .gz or .zst, of this format whatever it holds? As one that ends in the
  /// format's name.
  virtual bool claims(std::string_view file_name) const {
    const std::size_t dot = file_name.rfind('.');
    return dot != std::string_view::npos && file_name.substr(dot + 1) == name();
  }
  /// Could a (decompressed) file that begins with `head` be of this format? `head` ends with the file or
  /// anywhere. At most one format may say yes to a file, so ask for what no other has.
  virtual bool matches(std::string_view head) const = 0;
  /// The accesses of one file, in its order. `core` is given to each access if file_per_core(); otherwise a
  /// core in the file that is not below `cores` is an error. Throws InputError, here or while reading.
  virtual std::unique_ptr<OrderedStream> open(const std::string& path, std::uint32_t core,
                                              std::uint32_t cores) const = 0;
};

/// Sorted by name.
std::span<const Format* const> all_formats();
/// Null if there is none of this name.
const Format* find_format(std::string_view name);
/// For messages: "a, b, c".
std::string format_names();
/// The format of a file by its name, else by its content. Throws InputError if it is none, or if the file
/// cannot be read.
const Format& detect_format(const std::string& path);

}  // namespace baton::traces
