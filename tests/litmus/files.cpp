// The shipped litmus tests: do their two statements of what is allowed agree, the axioms' in the files and
// the abstract machine's?

#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/litmus/support.hpp"

using namespace baton;
using namespace baton::test;

namespace {

using Items = std::set<std::string>;  // "0:EAX=1" …, whatever their order

Items items(const std::string& text) {
  Items all;
  std::istringstream words(text);
  for (std::string word; words >> word;) all.insert(word);
  return all;
}

/// A file's line "SC=0:EAX=0; [x]=1; | …".
std::set<Items> annotated(const litmus::Test& test, const std::string& model) {
  std::set<Items> all;
  for (const auto& [key, value] : test.metadata) {
    if (key != model) continue;
    std::size_t at = 0;
    while (at < value.size()) {
      const std::size_t bar = std::min(value.find('|', at), value.size());
      all.insert(items(value.substr(at, bar - at)));
      at = bar + 1;
    }
  }
  return all;
}

std::set<Items> computed(const litmus::Test& test, litmus::Model model) {
  std::set<Items> all;
  for (const litmus::Outcome& outcome : litmus::allowed_outcomes(test, model))
    all.insert(items(litmus::full_text(test, outcome)));
  return all;
}

}  // namespace

TEST_CASE("the abstract machine allows what the axioms in each file allow") {
  std::set<std::string> names;
  std::size_t relaxed = 0;
  for (const litmus::Test& test : litmus_tests()) {
    CAPTURE(test.file);
    CHECK(names.insert(test.name).second);
    CHECK(test.file.find("/" + test.name + ".litmus") != std::string::npos);
    const auto sc = annotated(test, "SC");
    const auto tso = annotated(test, "TSO");
    CHECK(!sc.empty());
    CHECK(computed(test, litmus::Model::sc) == sc);
    CHECK(computed(test, litmus::Model::tso) == tso);
    CHECK(std::includes(tso.begin(), tso.end(), sc.begin(), sc.end()));
    if (tso != sc) ++relaxed;
  }
  CHECK(names.size() >= 60);
  CHECK(relaxed >= 15);
  for (const char* family :
       {"SB", "MP", "LB", "S", "R", "2+2W", "WRC", "IRIW", "CoRR", "CoWW", "CoRW1", "CoWR"})
    CHECK(names.contains(family));
}

TEST_CASE("textbook verdicts: which questions SC and TSO answer with yes") {
  const auto can = [](const char* name, litmus::Model model) {
    const litmus::Test test = litmus_test(name);
    for (const auto& outcome : litmus::allowed_outcomes(test, model))
      if (test.condition.holds(outcome)) return true;
    return false;
  };
  // Primer, 2nd ed., chapters 3 and 4; Sewell et al., CACM 2010 (SB, n6, n5, IRIW).
  for (const char* name : {"SB", "R", "n6", "3.SB", "RWC", "SB+rfis", "SB+mfence+po", "Z6.4"}) {
    CAPTURE(name);
    CHECK_FALSE(can(name, litmus::Model::sc));
    CHECK(can(name, litmus::Model::tso));
  }
  for (const char* name :
       {"MP", "LB", "S", "2+2W", "WRC", "IRIW", "CoRR", "CoRW2", "CoWR", "CoWW", "n5", "SB+mfences",
        "SB+xchgs", "R+mfences", "R+po+mfence", "INC2", "XCHG2", "CAS2", "ISA2"}) {
    CAPTURE(name);
    CHECK_FALSE(can(name, litmus::Model::sc));
    CHECK_FALSE(can(name, litmus::Model::tso));
  }
}
