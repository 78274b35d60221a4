// Compressed input: whole, in members, cut off, damaged.
#include "tests/traces/import_support.hpp"

using namespace baton::traces;
using namespace baton::traces::test;

namespace {

std::string some_text(unsigned lines) {
  std::string text;
  std::uint64_t x = 1;
  for (unsigned i = 0; i < lines; ++i) {
    x = x * 6364136223846793005U + 1442695040888963407U;
    char line[64];
    std::snprintf(line, sizeof line, "%u %c %llx\n", i % 4, i % 3 == 0 ? 'w' : 'r',
                  static_cast<unsigned long long>(x >> 20 & ~7ULL));
    text += line;
  }
  return text;
}

bool same(const std::string& path, const std::vector<Operation>& expected) {
  return operations(read_global(path)) == expected;
}

}  // namespace

TEST_CASE("gzip and zstd give what the plain file gives, in one or many members") {
  TemporaryFolder folder;
  const std::string text = some_text(100'000);
  const auto expected = operations(read_global(folder.write("a.trace", text)));
  REQUIRE(expected.size() == 100'000);
  CHECK(same(folder.write("a.trace.gz", gzip(text)), expected));
  CHECK(same(folder.write("a.trace.zst", zstd(text)), expected));
  // Cut in the middle of a line, with an empty member between.
  const std::string first = text.substr(0, 777'777);
  const std::string second = text.substr(777'777);
  CHECK(same(folder.write("b.trace.gz", gzip(first) + gzip("") + gzip(second)), expected));
  CHECK(same(folder.write("b.trace.zst", zstd(first) + zstd("") + zstd(second)), expected));
}

TEST_CASE("compressed data that end too early are refused at their end") {
  TemporaryFolder folder;
  const std::string text = some_text(100'000);
  const std::string gz = gzip(text);
  const std::string zst = zstd(text);
  for (std::size_t cut : {std::size_t{1}, std::size_t{4}, gz.size() / 2}) {
    std::string path = folder.write("a.gz", gz.substr(0, gz.size() - cut));
    CHECK(read_error(path) ==
          path + ": byte offset " + std::to_string(gz.size() - cut) +
              ": the compressed data end too early, found the end of the file, allowed a whole gzip member");
    path = folder.write("a.zst", zst.substr(0, zst.size() - cut));
    CHECK(read_error(path) ==
          path + ": byte offset " + std::to_string(zst.size() - cut) +
              ": the compressed data end too early, found the end of the file, allowed a whole zstd frame");
  }
}

TEST_CASE("damaged compressed data are refused") {
  TemporaryFolder folder;
  const std::string text = some_text(1000);
  std::string gz = gzip(text);
  gz[gz.size() - 8] = static_cast<char>(gz[gz.size() - 8] ^ 1);  // the checksum
  std::string path = folder.write("a.gz", gz);
  CHECK(read_error(path) == path + ": byte offset " + std::to_string(gz.size() - 4) +
                                ": the gzip data are corrupt, found \"incorrect data check\"");
  path = folder.write("b.gz", text);
  CHECK(read_error(path) ==
        path + ": byte offset 0: not gzip data, allowed a member that begins with the bytes 1f 8b");
  path = folder.write("c.gz", "");
  CHECK(read_error(path) ==
        path + ": byte offset 0: not gzip data, allowed a member that begins with the bytes 1f 8b");
  path = folder.write("d.gz", gzip(text) + "more");
  CHECK(read_error(path) ==
        path + ": byte offset " + std::to_string(gz.size()) +
            ": the gzip data are followed by something else, allowed another gzip member");
  path = folder.write("a.zst", text);
  CHECK(read_error(path) ==
        path + ": byte offset 0: the zstd data are corrupt, found \"Unknown frame descriptor\"");
  path = folder.write("b.zst", "");
  CHECK(read_error(path) ==
        path + ": byte offset 0: not zstd data, found an empty file, allowed a zstd frame");
  std::string zst = zstd(text);
  zst[zst.size() / 2] = static_cast<char>(zst[zst.size() / 2] ^ 0x55);
  path = folder.write("c.zst", zst);
  CHECK(read_error(path) != "no error");
}

TEST_CASE("a wrong line in compressed text has its line number") {
  TemporaryFolder folder;
  const std::string path = folder.write("a.gz", gzip("0 r 10\n") + gzip("0 r 10\n0 q 10\n"));
  CHECK(
      read_error(path) ==
      path +
          ": line 3: unknown op, found \"q\", allowed r or l (load), w or s (store), m (read-modify-write)");
}
