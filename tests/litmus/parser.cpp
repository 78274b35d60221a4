// What files hold: herd's x86 and C, in the forms that diy and people write; and clear errors for the rest.

#include <catch2/catch.hpp>

#include "tests/litmus/support.hpp"
#include "traces/error.hpp"

using namespace baton;
using namespace baton::litmus;

namespace {

std::set<std::string> shown(const std::string& text, Model model = Model::tso) {
  const Test test = parse(text, "t.litmus");
  std::set<std::string> all;
  for (const litmus::Outcome& outcome : allowed_outcomes(test, model))
    if (test.filter.holds(outcome)) all.insert(shown_text(test, outcome));
  return all;
}

using Set = std::set<std::string>;

std::string error(const std::string& text) {
  try {
    allowed_outcomes(parse(text, "t.litmus"), Model::sc);
  } catch (const traces::InputError& wrong) {
    return wrong.what();
  }
  return "";
}

std::string x86(const std::string& rows, const std::string& rest, const std::string& init = "") {
  return "X86 T\n{" + init + "}\n" + rows + "\n" + rest + "\n";
}
std::string c(const std::string& body, const std::string& rest, const std::string& init = "") {
  return "C T\n{" + init + "}\nP0 (atomic_int* x, volatile int* y) {\n" + body + "\n}\n" + rest + "\n";
}

}  // namespace

TEST_CASE("a file as diy writes it") {
  const Test test = parse(R"(X86 SB
"PodWR Fre PodWR Fre"
Cycle=Fre PodWR Fre PodWR
Relax=PodWR
Safe=Fre
Generator=diy7 (version 7.52)
Prefetch=0:x=F,0:y=T,1:y=F,1:x=T
Com=Fr Fr
Orig=PodWR Fre PodWR Fre
{
}
 P0          | P1          ;
 MOV [x],$1  | MOV [y],$1  ;
 MOV EAX,[y] | MOV EAX,[x] ;
exists
(0:EAX=0 /\ 1:EAX=0)
)",
                          "SB.litmus");
  CHECK(test.name == "SB");
  CHECK(test.threads.size() == 2);
  CHECK(test.condition_text == "exists (0:EAX=0 /\\ 1:EAX=0)");
  CHECK(test.metadata.size() == 7);
  CHECK(allowed_outcomes(test, Model::sc).size() == 3);
  CHECK(allowed_outcomes(test, Model::tso).size() == 4);
}

TEST_CASE("comments, strings and blanks are where they like") {
  CHECK(shown("(* first (* nested *) { *)\n\nX86   T  \n\"a { string\"\nInfo=it's \"\n{ x=3; (* why *) }\n "
              "P0 ;\r\n"
              " MOV EAX,[x] (* load *) ; // rest\n\n\n exists (0:EAX=3 (* or *) \\/ false)\n(* the end *)") ==
        Set{"0:EAX=3;"});
}

TEST_CASE("AT&T's order, 64-bit registers and addresses in registers") {
  CHECK(shown("X86_64 T\n{ uint64_t x; uint64_t 0:rax; 0:rcx=x; 0:rdx=5; }\n P0 | P1 ;\n"
              " movq %rdx,(%rcx) | movl $7,(x) ;\n mfence | ;\n movl (x),%eax | ;\n"
              "locations [x;]\nexists (0:rax=5)",
              Model::sc) == Set{"0:rax=5; [x]=5;", "0:rax=5; [x]=7;", "0:rax=7; [x]=7;"});
  CHECK(shown(x86("P0;\nMOV EBX,$x;\nMOV [EBX],$4;\nMOV EAX,[x];", "forall (0:EAX=4 /\\ 0:RBX=x)")) ==
        Set{"0:RBX=x; 0:EAX=4;"});
  CHECK(shown("X86_64 T\n{}\nP0;\nmovl $1,x(%rip);\nmovl $2,%eax;\nlock xaddl %eax,(x);\nexists (x=3 /\\ "
              "0:al=1)") == Set{"0:al=1; [x]=3;"});
}

TEST_CASE("x86 read-modify-writes and arithmetic") {
  CHECK(shown(x86("P0;\nMOV EAX,$3;\nLOCK XADD [x],EAX;\nLOCK INC [x];\nLOCK DEC [y];\nLOCK ADD [x],$10;",
                  "exists (x=18 /\\ 0:EAX=4 /\\ y=-1)", "x=4;")) == Set{"0:EAX=4; [x]=18; [y]=-1;"});
  CHECK(shown(x86("P0;\nXCHG [x],EAX;\nXCHG EBX,[x];\nXCHG EAX,EBX;", "exists (0:EAX=1 /\\ 0:EBX=9 /\\ x=2)",
                  "x=9; 0:EAX=1; 0:EBX=2;")) == Set{"0:EAX=1; 0:EBX=9; [x]=2;"});
  CHECK(shown(x86("P0;\nMOV EAX,$1;\nMOV EBX,$2;\nLOCK CMPXCHG [x],EBX;\nLOCK CMPXCHG [x],EBX;",
                  "exists (0:EAX=5 /\\ x=2)", "x=5;")) == Set{"0:EAX=5; [x]=2;"});
  CHECK(shown(x86(
            "P0;\nMOV EAX,[x];\nXOR EAX,EAX;\nADD EAX,$6;\nAND EAX,$3;\nOR EAX,$8;\nSUB EAX,[x];\nNEG EAX;",
            "exists (0:EAX=0)", "x=1;")) == Set{"0:EAX=-9;"});
  // Not locked: two increments can be one.
  CHECK(shown(x86("P0|P1;\nINC [x]|INC [x];", "exists (x=1)")) == Set{"[x]=1;", "[x]=2;"});
  CHECK(shown(x86("P0|P1;\nLOCK INC [x]|LOCK INC [x];", "exists (x=1)")) == Set{"[x]=2;"});
}

TEST_CASE("address dependencies: sums of locations and registers") {
  CHECK(shown(x86("P0;\nMOV EAX,[y];\nXOR EAX,EAX;\nMOV EBX,[x+EAX];\nLOCK XCHG ECX,[EAX+x];",
                  "exists (0:EBX=7 /\\ 0:ECX=7)", "x=7; y=1;")) == Set{"0:EBX=7; 0:ECX=7;"});
}

TEST_CASE("x86 jumps forward") {
  const char* const rows =
      "P0 | P1;\nMOV [y],$1 | MOV EAX,[y];\n | CMP EAX,$1;\n | JNE LC00;\n | MOV [x],$1;\n | LC00:;";
  CHECK(shown(x86(rows, "exists (x=1 /\\ 1:EAX=1)")) == Set{"1:EAX=0; [x]=0;", "1:EAX=1; [x]=1;"});
  CHECK_THAT(error(x86("P0;\nL: MOV EAX,[x];\nJMP L;", "exists (true)")),
             Catch::Contains("t.litmus: line 5: a jump back to \"L\": loops are not supported"));
}

TEST_CASE("conditions") {
  const std::string rows = "P0|P1;\nMOV [x],$1|MOV EAX,[x];";
  const auto holds = [&](const std::string& condition) {
    const Test test = parse(x86(rows, condition), "t");
    std::string text;
    for (const litmus::Outcome& outcome : allowed_outcomes(test, Model::sc))
      text += test.condition.holds(outcome) ? '1' : '0';
    return text;  // of EAX = 0, then of EAX = 1
  };
  CHECK(holds("exists (1:EAX=0)") == "10");
  CHECK(holds("~exists (1:EAX=0)") == "10");
  CHECK(holds("not exists 1:EAX=0") == "10");
  CHECK(holds("forall (not (1:EAX=0))") == "01");
  CHECK(holds("exists (~(1:EAX=0) /\\ [x]=1)") == "01");
  CHECK(holds("exists (1:EAX!=0 \\/ 1:EAX=0 /\\ x=2)") == "01");
  CHECK(holds("exists (true)") == "11");
  CHECK(holds("exists (false \\/ 1:eax = 0x1)") == "01");
  CHECK(holds("forall (x=1 => 1:EAX=1)") == "01");
  CHECK(holds("") == "11");
  CHECK(shown(x86(rows, "locations [x; 1:EAX;]\nfilter (1:EAX=1)\nexists (true)")) == Set{"1:EAX=1; [x]=1;"});
}

TEST_CASE("C: loads and stores and their orders") {
  const auto buffering = [](const std::string& order) {
    const std::string thread = "{ atomic_store_explicit(%, 1, memory_order_" + order +
                               "); int r = atomic_load_explicit(&, memory_order_seq_cst); }\n";
    std::string text = "C SB\n{}\nP0 (atomic_int* x, atomic_int* y) " + thread +
                       "P1 (atomic_int* x, atomic_int* y) " + thread;
    for (const char* names : {"xy", "yx"}) {
      text.replace(text.find('%'), 1, 1, names[0]);
      text.replace(text.find('&'), 1, 1, names[1]);
    }
    return shown(text + "exists (0:r=0 /\\ 1:r=0)").contains("0:r=0; 1:r=0;");
  };
  CHECK(buffering("relaxed"));
  CHECK(buffering("release"));
  CHECK_FALSE(buffering("seq_cst"));
  CHECK(shown(c("*y = 3;\natomic_store(x, *y + 1);\nint r = atomic_load(x);", "exists (0:r=4)")) ==
        Set{"0:r=4;"});
}

TEST_CASE("C: expressions, if, else, locals") {
  CHECK(shown(c(
            "int r0 = (int)atomic_load(x) + 2 * 3, r1;\n if (r0 == 7 && *y == 0) { r1 = 1; } else r1 = -1;\n"
            "if (!r1 || r0 > 100) *y = 5; else if (r1 < 0) { *y = 6; }\nr0 |= 8;",
            "exists (0:r1=1 /\\ y=0)", "x=1;")) == Set{"0:r1=1; [y]=0;"});
  CHECK(shown("C T\n{ int *p = &z; [z] = 4; }\nvoid P0(int *p, int *z) { int *q = *p; int r = *q; *q = 1; }\n"
              "exists (0:r=4 /\\ z=1)") == Set{"0:r=4; [z]=1;"});
}

TEST_CASE("C: read-modify-writes") {
  CHECK(shown(c("int r0 = atomic_exchange_explicit(x, 3, memory_order_acq_rel);\n"
                "int r1 = atomic_fetch_add(x, 2);\nint r2 = atomic_fetch_sub_explicit(x, 1, "
                "memory_order_relaxed);\n"
                "int e = 9; int r3 = atomic_compare_exchange_strong(x, &e, 7);\n"
                "int r4 = atomic_compare_exchange_weak_explicit(x, &e, 7, memory_order_seq_cst, "
                "memory_order_relaxed);",
                "exists (0:r0=1 /\\ 0:r1=3 /\\ 0:r2=5 /\\ 0:r3=0 /\\ 0:e=4 /\\ 0:r4=1 /\\ x=7)", "x=1;")) ==
        Set{"0:r0=1; 0:r1=3; 0:r2=5; 0:e=4; 0:r3=0; 0:r4=1; [x]=7;"});
  // The expected number may be a shared word.
  CHECK(shown(c("int r = atomic_compare_exchange_strong_explicit(x, y, 7, memory_order_relaxed, "
                "memory_order_relaxed);",
                "exists (0:r=0 /\\ y=1)", "x=1; y=2;")) == Set{"0:r=0; [y]=1;"});
}

TEST_CASE("C: the Linux kernel's accessors, with (*x) that are no comments") {
  const char* const text = R"(C MP+fences
(*
 * Result: Never
 *)
{}
P0(int *buf, int *flag)
{
	WRITE_ONCE(*buf, 1);
	smp_wmb();
	WRITE_ONCE(*flag, 1); /* both */
}

(* between functions *)
P1(int *buf, int *flag)
{
	int r0;
	int r1;

	r0 = READ_ONCE(*flag);
	smp_rmb();
	r1 = READ_ONCE(*buf);
}

exists (1:r0=1 /\ 1:r1=0) (* Bad outcome. *)
)";
  CHECK(shown(text) == Set{"1:r0=0; 1:r1=0;", "1:r0=0; 1:r1=1;", "1:r0=1; 1:r1=1;"});
  CHECK(shown("C SB\n{}\nP0(int *x, int *y) { smp_store_release(x, 1); int r = smp_load_acquire(y); }\n"
              "P1(int *x, int *y) { WRITE_ONCE(*y, 1); smp_mb(); int r = READ_ONCE(*x); }\n"
              "exists (0:r=0 /\\ 1:r=0)")
            .contains("0:r=0; 1:r=0;"));
}

TEST_CASE("C: the Linux kernel's atomics") {
  CHECK(shown("C T\n{ x = 2; }\nP0(atomic_t *x) { atomic_inc(x); atomic_add(3, x); int r = "
              "atomic_sub_return(1, x);\n"
              "int q = atomic_fetch_add(10, x); int p = atomic_read(x); int c = cmpxchg(x, 15, 1); int d = "
              "xchg(x, 9); }\n"
              "exists (0:r=5 /\\ 0:q=5 /\\ 0:p=15 /\\ 0:c=15 /\\ 0:d=1 /\\ x=9)") ==
        Set{"0:r=5; 0:q=5; 0:p=15; 0:c=15; 0:d=1; [x]=9;"});
}

TEST_CASE("what is wrong is said with file and line") {
  CHECK_THAT(error("AArch64 T\n{}\n"),
             Catch::StartsWith("t.litmus: line 1: the first word must be the language, "
                               "found \"AArch64\"; supported are"));
  CHECK_THAT(error(""), Catch::Contains("there is no test in it"));
  CHECK_THAT(error("X86 T\nP0;\n"), Catch::Contains("there is no initial state"));
  CHECK_THAT(error("X86 T\n{ x=0;\n"), Catch::Contains("line 2: the initial state's \"{\" is never closed"));
  CHECK_THAT(
      error(x86("P0;\nMOVNTI [x],EAX;", "exists (true)")),
      Catch::StartsWith("t.litmus: line 4: the instruction MOVNTI is not supported; supported are MOV"));
  CHECK_THAT(error(x86("P0;\nMOV [x],[y];", "exists (true)")),
             Catch::Contains("line 4: MOV from memory to memory"));
  CHECK_THAT(error(x86("P0;\nMOV FOO,$1;", "exists (true)")),
             Catch::Contains("\"FOO\" is no general register"));
  CHECK_THAT(error(x86("P0;\nMOV EAX,[x+4];", "exists (true)")),
             Catch::Contains("line 4: accesses ") && Catch::Contains("no location's address"));
  CHECK_THAT(error(x86("P0;\nMOV EAX,[x*4];", "exists (true)")), Catch::Contains("line 4: addresses are"));
  CHECK_THAT(error(x86("P0|P1;\nMOV EAX,[x]|;", "exists (2:EAX=1)")),
             Catch::Contains("line 5: there is no thread 2; there are 2"));
  CHECK_THAT(error(x86("P0;\nMOV EAX,[x];", "exists (z=1)")), Catch::Contains("there is no location \"z\""));
  CHECK_THAT(error(x86("P0;\nMOV EAX,[x];", "exists (x=1")), Catch::Contains("expected \")\""));
  CHECK_THAT(error(x86("P0;\nMOV EAX,[x]", "exists (x=1)")), Catch::Contains("must end in \";\""));
  CHECK_THAT(error(x86("P0;\nMOV EAX,[x];", "exists (x=1)", "int a[2]={1,2};")),
             Catch::Contains("line 2: arrays are not supported"));
  CHECK_THAT(error(x86("P0;\nMOV EAX,$5;\nMOV EBX,[EAX];", "exists (true)")),
             Catch::Contains("line 5: accesses 5, which is no location's address"));
  CHECK_THAT(error(c("while (atomic_load(x) == 0);", "exists (true)")),
             Catch::StartsWith("t.litmus: line 4: \"while\" is not supported"));
  CHECK_THAT(error(c("int r = atomic_flag_test_and_set(x);", "exists (true)")),
             Catch::Contains("line 4: the function atomic_flag_test_and_set is not supported"));
  CHECK_THAT(error(c("int r = atomic_load_explicit(x, relaxed);", "exists (true)")),
             Catch::Contains("\"relaxed\" is no memory order"));
  CHECK_THAT(error(c("r0 = 1;", "exists (true)")),
             Catch::Contains("\"r0\" is neither a parameter nor a local"));
  CHECK_THAT(error("C T\n{}\nP1 (int* x) {}\nexists (true)"), Catch::Contains("expected the function P0"));
}
