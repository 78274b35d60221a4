#pragma once
// Files and readers for the tests of recorded traces.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "traces/error.hpp"
#include "traces/import/inspect.hpp"
#include "traces/import/trace.hpp"

namespace baton::traces::test {

/// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "baton_traces_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return *this / name;
  }

 private:
  std::filesystem::path path_;
};

inline std::string gzip(const std::string& text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(text.size() + 1000, '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

inline std::vector<OrderedOperation> drain(OrderedStream& stream, std::size_t batch = 100) {
  std::vector<OrderedOperation> all;
  std::vector<OrderedOperation> out(batch);
  while (const std::size_t n = stream.next(out)) {
    all.insert(all.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n));
  }
  return all;
}

inline std::vector<Operation> drain(OperationStream& stream, std::size_t batch = 100) {
  std::vector<Operation> all;
  std::vector<Operation> out(batch);
  while (const std::size_t n = stream.next(out)) {
    all.insert(all.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n));
  }
  return all;
}

/// The whole file in its order; the text of the InputError if there is one.
inline std::string read_error(const std::string& path, std::uint32_t cores = 4,
                              const std::string& format = "auto", Order order = Order::free) {
  try {
    TraceParameters parameters{.path = path, .format = format, .order = order, .cores = cores};
    TraceWorkload workload(parameters);
    if (const auto ordered = workload.ordered()) {
      drain(*ordered);
    } else {
      std::vector<std::unique_ptr<OperationStream>> streams;
      for (int core = 0; core < workload.cores(); ++core) streams.push_back(workload.stream(core));
      for (const auto& stream : streams) drain(*stream);
    }
  } catch (const InputError& error) {
    // The file and the place are also there for a program to use.
    CHECK(std::string(error.what()).starts_with(error.file() + ": " + error.place()));
    return error.what();
  }
  return "no error";
}

inline std::vector<OrderedOperation> read_global(const std::string& path, std::size_t batch = 100) {
  TraceWorkload workload({.path = path, .order = Order::global, .cores = 4});
  return drain(*workload.ordered(), batch);
}

inline std::vector<Operation> operations(const std::vector<OrderedOperation>& ordered) {
  std::vector<Operation> result;
  for (const OrderedOperation& one : ordered) result.push_back(one.operation);
  return result;
}

/// A folder of real traces that is not part of the project; empty, with a warning, if it is absent.
inline std::string shared_traces() {
  const std::string folder = std::string(BATON_SOURCE_DIR) + "/../shared/traces";
  if (std::filesystem::exists(folder)) return folder;
  WARN("skipped: " << folder << " is absent");
  return {};
}

}  // namespace baton::traces::test
