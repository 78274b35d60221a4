#include "traces/litmus/parse.hpp"

#include <algorithm>
#include <sstream>

#include "traces/error.hpp"
#include "traces/input_file.hpp"
#include "traces/litmus/builder.hpp"

namespace baton::litmus {

std::size_t Builder::location(std::string_view name) {
  const auto [at, fresh] = locations_.try_emplace(std::string(name), test_.locations.size());
  if (fresh) test_.locations.push_back({std::string(name), 0});
  return at->second;
}

Thread& Builder::thread(std::size_t number) {
  if (test_.threads.size() <= number) test_.threads.resize(number + 1);
  if (registers_.size() <= number) registers_.resize(number + 1);
  return test_.threads[number];
}

std::size_t Builder::reg(std::size_t number, const std::string& key, std::string_view spelling) {
  auto& registers = thread(number).registers;
  const auto [at, fresh] = registers_[number].try_emplace(key, registers.size());
  if (fresh) registers.push_back({std::string(spelling), 0, true});
  return at->second;
}

bool Builder::has_reg(std::size_t number, const std::string& key) const {
  return number < registers_.size() && registers_[number].contains(key);
}

std::size_t Builder::temporary(std::size_t number) {
  auto& registers = thread(number).registers;
  registers.push_back({"", 0, false});
  return registers.size() - 1;
}

std::string Builder::key(std::string_view name) const {
  return is_x86() ? x86_register(name) : std::string(name);
}

namespace {

bool starts_line(std::string_view text, std::size_t at) {
  while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t')) --at;
  return at == 0 || text[at - 1] == '\n' || text[at - 1] == '}' || text[at - 1] == ';';
}

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Where the code ends: a word of the question at the start of a line, outside of braces.
std::size_t question_of(std::string_view text, std::size_t begin) {
  static constexpr std::string_view words[] = {"exists",   "forall",  "locations", "filter",
                                               "observed", "~exists", "~ exists",  "not exists",
                                               "~",        "cases",   "final"};
  int depth = 0;
  for (std::size_t at = begin; at < text.size(); ++at) {
    if (text[at] == '{') ++depth;
    if (text[at] == '}') --depth;
    if (depth != 0 || !starts_line(text, at)) continue;
    for (const std::string_view word : words)
      if (text.substr(at, word.size()) == word &&
          (at + word.size() >= text.size() || !is_name(text[at + word.size()])))
        return at;
  }
  return text.size();
}

class Parser {
 public:
  Parser(const Source& source, Test& test) : source_(source), test_(test), builder_(test) {}

  void run() {
    const std::size_t open = header();
    const std::string_view text = source_.text();
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) source_.fail(open, "the initial state's \"{\" is never closed");
    Tokens initial(source_, open + 1, close);
    while (!initial.at_end()) initialise(initial);
    const std::size_t question = question_of(text, close + 1);
    if (builder_.is_x86())
      read_x86(source_, close + 1, question, builder_);
    else
      read_c(source_, close + 1, question, builder_);
    if (test_.threads.empty()) source_.fail(close, "there is no thread");
    Tokens tokens(source_, question, text.size());
    ask(tokens);
    observe();
  }

 private:
  // ---- Before the initial state. Returns where that begins.

  std::size_t header() {
    const std::string_view text = source_.text();
    std::istringstream first_words{std::string(text)};
    first_words >> test_.language >> test_.name;
    if (test_.language != "X86" && test_.language != "X86_64" && test_.language != "C")
      source_.fail(text.find_first_not_of(" \t\n"), "the first word must be the language, found \"" +
                                                        test_.language +
                                                        "\"; supported are \"X86\", \"X86_64\" and \"C\"");
    if (const auto brace = test_.name.find('{'); brace != std::string::npos) test_.name.erase(brace);
    if (test_.name.empty()) source_.fail(0, "the test has no name behind its language");
    std::size_t at = text.find(test_.name, text.find(test_.language) + test_.language.size());
    at += test_.name.size();
    const std::size_t open = first_brace(at);
    if (open == std::string_view::npos) source_.fail(text.size(), "there is no initial state in { }");
    metadata(text.substr(at, open - at));
    return open;
  }

  // Behind strings, which end in their line.
  std::size_t first_brace(std::size_t at) const {
    const std::string_view text = source_.text();
    for (; at < text.size() && text[at] != '{'; ++at) {
      if (text[at] != '"') continue;
      const auto end = text.find_first_of("\"\n", at + 1);
      if (end != std::string_view::npos && text[end] == '"') at = end;
    }
    return at < text.size() ? at : std::string_view::npos;
  }

  void metadata(std::string_view text) {
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
      const auto first = line.find_first_not_of(" \t");
      const auto equals = line.find('=');
      if (first == std::string::npos || equals == std::string::npos || line[first] == '"') continue;
      test_.metadata.emplace_back(line.substr(first, equals - first), line.substr(equals + 1));
    }
  }

  // ---- "x=1; int y = 2; int *p = &x; 0:EAX=3; uint64_t 1:rax;"

  void initialise(Tokens& tokens) {
    if (tokens.accept(";")) return;
    // The name is the last word before "=", ";" or the end; words before it are its type.
    while (tokens.peek().is == Token::Is::word && !ends_name(tokens, 1)) tokens.take();
    while (tokens.accept("*")) {
    }
    const Observable target = initial_target(tokens);
    if (tokens.at("[")) tokens.fail("arrays are not supported");
    if (tokens.accept("=")) {
      const Number value = initial_value(tokens);  // may make a location
      if (target.thread < 0)
        test_.locations[target.index].initial = value;
      else
        builder_.thread(static_cast<std::size_t>(target.thread)).registers[target.index].initial = value;
    }
    if (!tokens.at_end()) tokens.expect(";");
  }

  static bool ends_name(const Tokens& tokens, std::size_t ahead) {
    return tokens.at("=", ahead) || tokens.at(";", ahead) || tokens.at("[", ahead) ||
           tokens.peek(ahead).is == Token::Is::end;
  }

  Observable initial_target(Tokens& tokens) {
    const bool brackets = tokens.accept("[");
    if (!brackets && tokens.peek().is == Token::Is::number) {
      const auto [thread, reg] = thread_register(tokens);
      return {static_cast<int>(thread), reg, ""};
    }
    const Token name = tokens.expect_word("a location or THREAD:REGISTER");
    if (brackets) tokens.expect("]");
    return {-1, builder_.location(name.text), ""};
  }

  std::pair<std::size_t, std::size_t> thread_register(Tokens& tokens) {
    const Token number = tokens.peek();
    const Number thread = tokens.expect_number();
    tokens.expect(":");
    tokens.accept("%");
    const Token name = tokens.expect_word("a register");
    if (thread < 0 || thread >= static_cast<Number>(most_threads))
      source_.fail(number.offset, "thread " + std::to_string(thread) + "; allowed are 0 to " +
                                      std::to_string(most_threads - 1));
    const std::string key = builder_.key(name.text);
    if (key.empty()) source_.fail(name.offset, "\"" + std::string(name.text) + "\" is no register of x86");
    const auto index = static_cast<std::size_t>(thread);
    const std::size_t reg = builder_.reg(index, key, name.text);
    builder_.thread(index).registers[reg].name = name.text;  // outcomes show it as it is asked for
    return {index, reg};
  }

  // A number, or the address of a location.
  Number initial_value(Tokens& tokens) {
    if (tokens.at_number()) return tokens.expect_number();
    if (tokens.at("{")) tokens.fail("arrays are not supported");
    tokens.accept("&");
    return address_of(builder_.location(tokens.expect_word("a number or a location").text));
  }

  // ---- "locations [...]", "filter ...", "exists ..."

  void ask(Tokens& tokens) {
    bool asked = false;
    while (!tokens.at_end()) {
      if (tokens.accept("locations")) {
        locations(tokens);
      } else if (tokens.accept("filter")) {
        test_.filter = proposition(tokens);
      } else {
        if (asked) tokens.fail("unexpected behind the condition: " + tokens.found());
        asked = true;
        condition(tokens);
      }
    }
    if (asked) return;
    test_.quantifier = Quantifier::forall;
    test_.condition_text = "forall (true)";
  }

  void locations(Tokens& tokens) {
    tokens.expect("[");
    while (!tokens.accept("]")) {
      if (tokens.accept(";")) continue;
      show(place(tokens));
    }
  }

  void condition(Tokens& tokens) {
    const std::size_t begin = tokens.peek().offset;
    if (tokens.accept("exists")) {
      test_.quantifier = Quantifier::exists;
    } else if (tokens.accept("forall")) {
      test_.quantifier = Quantifier::forall;
    } else if (tokens.accept("~") || tokens.accept("not")) {
      tokens.expect("exists");
      test_.quantifier = Quantifier::not_exists;
    } else {
      tokens.fail("expected exists, forall, ~exists, locations or filter, " + tokens.found());
    }
    test_.condition = proposition(tokens);
    // In one line, as it stands in the file.
    for (const char c : source_.text().substr(begin, tokens.peek().offset - begin)) {
      const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
      if (!blank) test_.condition_text += c;
      if (blank && !test_.condition_text.ends_with(' ')) test_.condition_text += ' ';
    }
    while (test_.condition_text.ends_with(' ')) test_.condition_text.pop_back();
  }

  Proposition proposition(Tokens& tokens) {
    Proposition result;
    implication(tokens, result);
    return result;
  }

  void implication(Tokens& tokens, Proposition& out) {
    disjunction(tokens, out);
    if (!tokens.accept("=>")) return;
    out.items.push_back({Proposition::Op::negation});
    implication(tokens, out);
    out.items.push_back({Proposition::Op::disjunction});
  }

  void disjunction(Tokens& tokens, Proposition& out) {
    conjunction(tokens, out);
    while (tokens.accept("\\/") || tokens.accept("||")) {
      conjunction(tokens, out);
      out.items.push_back({Proposition::Op::disjunction});
    }
  }

  void conjunction(Tokens& tokens, Proposition& out) {
    negation(tokens, out);
    while (tokens.accept("/\\") || tokens.accept("&&")) {
      negation(tokens, out);
      out.items.push_back({Proposition::Op::conjunction});
    }
  }

  void negation(Tokens& tokens, Proposition& out) {
    if (tokens.accept("~") || tokens.accept("not") || tokens.accept("!")) {
      negation(tokens, out);
      out.items.push_back({Proposition::Op::negation});
    } else if (tokens.accept("(")) {
      implication(tokens, out);
      tokens.expect(")");
    } else if (tokens.accept("true")) {
      out.items.push_back({Proposition::Op::always});
    } else if (tokens.accept("false")) {
      out.items.push_back({Proposition::Op::never});
    } else {
      atom(tokens, out);
    }
  }

  void atom(Tokens& tokens, Proposition& out) {
    const std::size_t which = place(tokens);
    show(which);
    const bool unequal = tokens.at("!=") || tokens.at("<>");
    if (!unequal && !tokens.at("=") && !tokens.at("=="))
      tokens.fail("expected \"=\" or \"!=\", " + tokens.found());
    tokens.take();
    out.items.push_back(
        {unequal ? Proposition::Op::unequal : Proposition::Op::equal, which, initial_value(tokens)});
  }

  // "0:EAX", "x", "[x]", "*x": a place's number among those that have been asked for.
  std::size_t place(Tokens& tokens) {
    tokens.accept("*");
    const bool brackets = tokens.accept("[");
    Observable found;
    if (!brackets && tokens.peek().is == Token::Is::number) {
      const std::size_t offset = tokens.peek().offset;
      const std::size_t threads = test_.threads.size();
      const auto [thread, reg] = thread_register(tokens);
      if (thread >= threads)
        source_.fail(offset, "there is no thread " + std::to_string(thread) + "; there are " +
                                 std::to_string(threads));
      found = {static_cast<int>(thread), reg, ""};
    } else {
      const Token name = tokens.expect_word("a location or THREAD:REGISTER");
      if (brackets) tokens.expect("]");
      if (!builder_.knows(name.text))
        source_.fail(name.offset, "there is no location \"" + std::string(name.text) + "\"");
      found = {-1, builder_.location(name.text), ""};
    }
    const auto same = std::find_if(asked_.begin(), asked_.end(), [&](const Observable& o) {
      return o.thread == found.thread && o.index == found.index;
    });
    if (same == asked_.end()) asked_.push_back(found);
    return static_cast<std::size_t>(std::find_if(asked_.begin(), asked_.end(),
                                                 [&](const Observable& o) {
                                                   return o.thread == found.thread && o.index == found.index;
                                                 }) -
                                    asked_.begin());
  }

  void show(std::size_t asked) {
    if (std::find(shown_.begin(), shown_.end(), asked) == shown_.end()) shown_.push_back(asked);
  }

  // All that can be observed; places get their numbers in it.
  void observe() {
    for (std::size_t t = 0; t < test_.threads.size(); ++t)
      for (std::size_t r = 0; r < test_.threads[t].registers.size(); ++r) {
        const Register& reg = test_.threads[t].registers[r];
        if (reg.visible)
          test_.observables.push_back({static_cast<int>(t), r, std::to_string(t) + ":" + reg.name});
      }
    for (std::size_t i = 0; i < test_.locations.size(); ++i)
      test_.observables.push_back({-1, i, "[" + test_.locations[i].name + "]"});
    std::vector<std::size_t> numbers;
    for (const Observable& asked : asked_)
      numbers.push_back(
          static_cast<std::size_t>(std::find_if(test_.observables.begin(), test_.observables.end(),
                                                [&](const Observable& o) {
                                                  return o.thread == asked.thread && o.index == asked.index;
                                                }) -
                                   test_.observables.begin()));
    for (auto* proposition : {&test_.condition, &test_.filter})
      for (auto& item : proposition->items) {
        const bool compares = item.op == Proposition::Op::equal || item.op == Proposition::Op::unequal;
        if (compares) item.observable = numbers[item.observable];
      }
    for (const std::size_t asked : shown_) test_.shown.push_back(numbers[asked]);
    std::sort(test_.shown.begin(), test_.shown.end());
  }

  const Source& source_;
  Test& test_;
  Builder builder_;
  std::vector<Observable> asked_;
  std::vector<std::size_t> shown_;  // of asked_
};

}  // namespace

Test parse(const std::string& text, const std::string& file) {
  const Source source(file, text);
  if (source.text().find_first_not_of(" \t\n") == std::string_view::npos)
    throw traces::InputError(file, "", "there is no test in it");
  Test test;
  test.file = file;
  Parser(source, test).run();
  return test;
}

Test load(const std::string& path) {
  return parse(traces::read_file(path), path);
}

}  // namespace baton::litmus
