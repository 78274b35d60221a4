// Are the printed tables complete, well formed and up to date?

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "protocols/core/registry.hpp"

using namespace baton;

namespace {

/// Braces, brackets and quotes match, and strings hold no raw control characters.
bool is_balanced(const std::string& text) {
  std::string open;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      open.push_back(c == '{' ? '}' : ']');
    } else if (c == '}' || c == ']') {
      if (open.empty() || open.back() != c) return false;
      open.pop_back();
    }
  }
  return open.empty() && !in_string;
}

}  // namespace

TEST_CASE("the registry knows the protocols, sorted, and their variants") {
  std::vector<std::string> names;
  for (const auto* protocol : all_protocols()) names.emplace_back(protocol->name());
  CHECK(std::ranges::is_sorted(names));
  CHECK(std::ranges::count(names, "mesi") == 1);
  CHECK(std::ranges::count(names, "ownership") == 1);
  CHECK(find_protocol("mesi")->name() == "mesi");
  CHECK(find_protocol("mosi_of_nobody") == nullptr);
  // Every combination, but that a number is checked at few sizes and an option only where it means something.
  const auto msi = all_variants(*find_protocol("msi"));
  CHECK(msi.size() == 2 + 2 + 2 + 2 + 2);
  CHECK(msi[0] == OptionValues{{"directory", "full_map"}, {"entries", "unlimited"}});
  CHECK(msi[3] == OptionValues{{"directory", "broadcast"}, {"entries", "4"}});
  CHECK(msi.back() == OptionValues{{"directory", "coarse_vector"}, {"pointers", "2"}, {"region", "2"}});
  CHECK(all_variants(*find_protocol("mesi")).size() == 3 * 2 + 2 + 2 + 2 + 2);
  CHECK(all_variants(*find_protocol("ownership")).size() == 4);
  CHECK(find_protocol("ownership")->ideal_transfer({{"transfer", "ideal"}}));
  CHECK_FALSE(find_protocol("ownership")->ideal_transfer({}));
}

TEST_CASE("TABLE.md is up to date (else run cmake --build build --target tables)") {
  for (const auto* protocol : all_protocols()) {
    const std::string path = BATON_SOURCE_DIR "/protocols/" + std::string(protocol->name()) + "/TABLE.md";
    INFO(path);
    std::ifstream file(path);
    std::stringstream committed;
    committed << file.rdbuf();
    CHECK((committed.str() == table_page(*protocol)));
  }
}

TEST_CASE("a printed table names states, events, actions and what is impossible") {
  const std::string text = find_protocol("mesi")->print({}, TableFormat::markdown);
  CHECK_THAT(text, Catch::Contains("| **I** | send_GetS / **IS_D** | send_GetM / **IM_AD** |"));
  CHECK_THAT(text, Catch::Contains("data_to_requestor, data_to_home / **S**"));
  CHECK_THAT(text, Catch::Contains("| FwdGetM | forward (ordered) | |"));
  CHECK_THAT(text, !Catch::Contains("IS_D_I"));  // full_map never enters it
  CHECK_THAT(find_protocol("mesi")->print({{"directory", "broadcast"}}, TableFormat::markdown),
             Catch::Contains("IS_D_I"));
}

TEST_CASE("JSON and Graphviz are well formed for every variant") {
  for (const auto* protocol : all_protocols())
    for (const auto& variant : all_variants(*protocol)) {
      const std::string json = protocol->print(variant, TableFormat::json);
      CHECK(is_balanced(json));
      CHECK_THAT(json, Catch::StartsWith("{") && Catch::EndsWith("}\n"));
      const std::string dot = protocol->print(variant, TableFormat::dot);
      CHECK(is_balanced(dot));
      CHECK_THAT(dot, Catch::StartsWith("digraph") && Catch::Contains("cache_I ->"));
    }
}
