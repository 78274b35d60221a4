#!/usr/bin/env python3
"""Writes the litmus tests of this folder, each with the outcomes that SC and TSO allow.

The sets come from the axioms of the models (Alglave, Maranget, Tautschnig, "Herding Cats", TOPLAS 2014, for TSO: SC on
each location, atomic read-modify-writes, and no cycle in ppo, fences, rfe, co and fr), over all candidate executions.
Baton's own judge is an abstract machine (traces/litmus/model.cpp), which states the models in another way;
tests/litmus_files compares the two. Not needed to build or test: run it after a change of the list below.
"""
import itertools
import os

# Operations of a thread. Registers are a, b, c, d (EAX ... in x86, r0 ... in C).
#   W x 1 [order]      store             R a x [order]      load
#   F [order]          fence             X a x 1            a = exchange(x, 1)
#   A a x 1            a = fetch_add     C a x 0 1          a = what compare_exchange(x, 0, 1) saw
#   I x                atomic increment
X86 = """
SB: W x 1; R a y | W y 1; R a x : exists 0:a=0 & 1:a=0
SB+mfences: W x 1; F; R a y | W y 1; F; R a x : exists 0:a=0 & 1:a=0
SB+mfence+po: W x 1; F; R a y | W y 1; R a x : exists 0:a=0 & 1:a=0
SB+po+mfence: W x 1; R a y | W y 1; F; R a x : exists 0:a=0 & 1:a=0
SB+xchgs: X a x 1; R b y | X a y 1; R b x : exists 0:b=0 & 1:b=0
SB+xchg+po: X a x 1; R b y | W y 1; R a x : exists 0:b=0 & 1:a=0
SB+xadds: W x 1; A a z 1; R b y | W y 1; A a w 1; R b x : exists 0:b=0 & 1:b=0
SB+xadd-loads: W x 1; A a y 0 | W y 1; A a x 0 : exists 0:a=0 & 1:a=0
SB+cmpxchgs: W x 1; C a z 0 1; R c y | W y 1; C a w 0 1; R c x : exists 0:c=0 & 1:c=0
SB+cmpxchg-fail: W x 1; C a z 1 2; R c y | W y 1; C a w 1 2; R c x : exists 0:c=0 & 1:c=0
SB+rfis: W x 1; R a x; R b y | W y 1; R a y; R b x : exists 0:a=1 & 0:b=0 & 1:a=1 & 1:b=0
SB+rfi+mfence: W x 1; R a x; R b y | W y 1; F; R a x : exists 0:a=1 & 0:b=0 & 1:a=0
SB+two-stores: W x 1; W z 1; R a y | W y 1; W w 1; R a x : exists 0:a=0 & 1:a=0
SB+other-thread: W x 1; R a y | W y 1; R a x | R a x; R b y : exists 0:a=0 & 1:a=0 & 2:a=1 & 2:b=0
3.SB: W x 1; R a y | W y 1; R a z | W z 1; R a x : exists 0:a=0 & 1:a=0 & 2:a=0
3.SB+mfences: W x 1; F; R a y | W y 1; F; R a z | W z 1; F; R a x : exists 0:a=0 & 1:a=0 & 2:a=0
MP: W x 1; W y 1 | R a y; R b x : exists 1:a=1 & 1:b=0
MP+mfences: W x 1; F; W y 1 | R a y; F; R b x : exists 1:a=1 & 1:b=0
MP+mfence+po: W x 1; F; W y 1 | R a y; R b x : exists 1:a=1 & 1:b=0
MP+xchg-flag: W x 1; X a y 1 | R a y; R b x : exists 1:a=1 & 1:b=0
MP+xchg-data: X a x 1; W y 1 | R a y; R b x : exists 1:a=1 & 1:b=0
MP+xadd-poll: W x 1; W y 1 | A a y 0; R b x : exists 1:a=1 & 1:b=0
MP+xadd-both: W x 1; W y 1 | A a y 0; A b x 0 : exists 1:a=1 & 1:b=0
MP+rfi: W x 1; W y 1; R a y | R a y; R b x : exists 1:a=1 & 1:b=0
MP+two: W x 1; W x 2; W y 1 | R a y; R b x : exists 1:a=1 & 1:b=1
MP+three: W x 1; W y 1; W z 1 | R a z; R b y : exists 1:a=1 & 1:b=0
LB: R a x; W y 1 | R a y; W x 1 : exists 0:a=1 & 1:a=1
LB+mfences: R a x; F; W y 1 | R a y; F; W x 1 : exists 0:a=1 & 1:a=1
LB+xchgs: R a x; X b y 1 | R a y; X b x 1 : exists 0:a=1 & 1:a=1
3.LB: R a x; W y 1 | R a y; W z 1 | R a z; W x 1 : exists 0:a=1 & 1:a=1 & 2:a=1
S: W x 2; W y 1 | R a y; W x 1 : exists 1:a=1 & x=2
S+mfences: W x 2; F; W y 1 | R a y; F; W x 1 : exists 1:a=1 & x=2
S+xchg: W x 2; W y 1 | R a y; X b x 1 : exists 1:a=1 & x=2
R: W x 1; W y 1 | W y 2; R a x : exists 1:a=0 & y=2
R+mfences: W x 1; F; W y 1 | W y 2; F; R a x : exists 1:a=0 & y=2
R+po+mfence: W x 1; W y 1 | W y 2; F; R a x : exists 1:a=0 & y=2
R+mfence+po: W x 1; F; W y 1 | W y 2; R a x : exists 1:a=0 & y=2
R+xchg: W x 1; W y 1 | X a y 2; R b x : exists 1:b=0 & y=2
2+2W: W x 1; W y 2 | W y 1; W x 2 : exists x=1 & y=1
2+2W+mfences: W x 1; F; W y 2 | W y 1; F; W x 2 : exists x=1 & y=1
2+2W+xchgs: X a x 1; W y 2 | X a y 1; W x 2 : exists x=1 & y=1
3.2W: W x 1; W y 2 | W y 1; W z 2 | W z 1; W x 2 : exists x=1 & y=1 & z=1
WRC: W x 1 | R a x; W y 1 | R a y; R b x : exists 1:a=1 & 2:a=1 & 2:b=0
WRC+mfences: W x 1 | R a x; F; W y 1 | R a y; F; R b x : exists 1:a=1 & 2:a=1 & 2:b=0
WRC+xchg: W x 1 | R a x; X b y 1 | R a y; R b x : exists 1:a=1 & 2:a=1 & 2:b=0
WRC+xadd: W x 1 | A a x 0; W y 1 | R a y; R b x : exists 1:a=1 & 2:a=1 & 2:b=0
RWC: W x 1 | R a x; R b y | W y 1; R a x : exists 1:a=1 & 1:b=0 & 2:a=0
RWC+mfence: W x 1 | R a x; R b y | W y 1; F; R a x : exists 1:a=1 & 1:b=0 & 2:a=0
WWC: W x 2 | R a x; W y 1 | R a y; W x 1 : exists 1:a=2 & 2:a=1 & x=2
W+RWC: W x 1; W y 1 | R a y; R b z | W z 1; R a x : exists 1:a=1 & 1:b=0 & 2:a=0
W+RWC+mfence: W x 1; W y 1 | R a y; R b z | W z 1; F; R a x : exists 1:a=1 & 1:b=0 & 2:a=0
ISA2: W x 1; W y 1 | R a y; W z 1 | R a z; R b x : exists 1:a=1 & 2:a=1 & 2:b=0
Z6.3: W x 1; W y 1 | W y 2; W z 1 | R a z; R b x : exists y=2 & 2:a=1 & 2:b=0
Z6.4: W x 1; W y 1 | W y 2; R a z | W z 1; R a x : exists y=2 & 1:a=0 & 2:a=0
IRIW: W x 1 | R a x; R b y | W y 1 | R a y; R b x : exists 1:a=1 & 1:b=0 & 3:a=1 & 3:b=0
IRIW+mfences: W x 1 | R a x; F; R b y | W y 1 | R a y; F; R b x : exists 1:a=1 & 1:b=0 & 3:a=1 & 3:b=0
IRIW+xchgs: X a x 1 | R a x; R b y | X a y 1 | R a y; R b x : exists 1:a=1 & 1:b=0 & 3:a=1 & 3:b=0
IRIW+xadds: W x 1 | A a x 0; A b y 0 | W y 1 | A a y 0; A b x 0 : exists 1:a=1 & 1:b=0 & 3:a=1 & 3:b=0
IRIW+rfis: W x 1; R a x; R b y | W y 1; R a y; R b x | R a x; R b y : exists 0:a=1 & 0:b=0 & 1:a=1 & 1:b=0 & 2:a=1 & 2:b=0
CoRR: W x 1 | R a x; R b x : exists 1:a=1 & 1:b=0
CoRR2: W x 1 | W x 2 | R a x; R b x | R a x; R b x : exists 2:a=1 & 2:b=2 & 3:a=2 & 3:b=1
CoRR+mfence: W x 1 | R a x; F; R b x : exists 1:a=1 & 1:b=0
CoRR+xadd: W x 1 | A a x 0; R b x : exists 1:a=1 & 1:b=0
CoRW1: R a x; W x 1 : exists 0:a=1
CoRW2: R a x; W x 1 | W x 2 : exists 0:a=2 & x=2
CoRW2+xchg: R a x; X b x 1 | W x 2 : exists 0:a=2 & x=2
CoWR: W x 1; R a x | W x 2 : exists 0:a=2 & x=1
CoWR0: W x 1; R a x : exists 0:a=0
CoWR+mfence: W x 1; F; R a x | W x 2 : exists 0:a=2 & x=1
CoWR+xchg: X a x 1; R b x | W x 2 : exists 0:b=2 & x=1
CoWR+two: W x 1; W x 2; R a x : exists 0:a=1
SB+two-rfis: W x 1; W x 2; R a x; R b y | W y 1; W y 2; R a y; R b x : exists 0:a=2 & 0:b=0 & 1:a=2 & 1:b=0
CoWW: W x 1; W x 2 : exists x=1
CoWW2: W x 1; W x 2 | R a x; R b x : exists 1:a=2 & 1:b=1
CoWW+xchg: W x 1; X a x 2 | R a x; R b x : exists 1:a=2 & 1:b=1
INC2: I x | I x : exists x=1
INC+store: I x | W x 5 : exists x=1
INC3: I x; I x | I x | I x; I x : exists x=3
XADD2: A a x 1 | A a x 1 : exists 0:a=0 & 1:a=0
XADD3: A a x 1; A b x 1 | A a x 1; A b x 1 : exists 0:a=1 & 1:a=1
XCHG2: X a x 1 | X a x 2 : exists 0:a=0 & 1:a=0
XCHG+store: X a x 1 | W x 2; R a x : exists 0:a=2 & 1:a=2 & x=2
CAS2: C a x 0 1 | C a x 0 2 : exists 0:a=0 & 1:a=0
CAS+store: C a x 0 1 | W x 2 : exists 0:a=0 & x=1
CAS-lock: C a l 0 1; W x 1; R c y | C a l 0 1; W y 1; R c x : exists 0:a=0 & 1:a=0
n6: W x 1; R a x; R b y | W y 2; W x 2 : exists 0:a=1 & 0:b=0 & x=1
n5: W x 1; R a x | W x 2; R a x : exists 0:a=2 & 1:a=1
n7: W x 1; R a x; R b y | W y 1 | R a y; R b x : exists 0:a=1 & 0:b=0 & 2:a=1 & 2:b=0
n4: R a x; W x 1; R b x | R a x; W x 2; R b x : exists 0:a=2 & 0:b=2 & 1:a=1
"""
C = """
C-SB+rlx: W x 1 relaxed; R a y relaxed | W y 1 relaxed; R a x relaxed : exists 0:a=0 & 1:a=0
C-SB+relacq: W x 1 release; R a y acquire | W y 1 release; R a x acquire : exists 0:a=0 & 1:a=0
C-SB+sc: W x 1 seq_cst; R a y seq_cst | W y 1 seq_cst; R a x seq_cst : exists 0:a=0 & 1:a=0
C-SB+sc+rel: W x 1 seq_cst; R a y seq_cst | W y 1 release; R a x seq_cst : exists 0:a=0 & 1:a=0
C-SB+fences-sc: W x 1 relaxed; F seq_cst; R a y relaxed | W y 1 relaxed; F seq_cst; R a x relaxed : exists 0:a=0 & 1:a=0
C-SB+fences-acq_rel: W x 1 relaxed; F acq_rel; R a y relaxed | W y 1 relaxed; F acq_rel; R a x relaxed : exists 0:a=0 & 1:a=0
C-SB+xchgs: X a x 1; R b y relaxed | X a y 1; R b x relaxed : exists 0:b=0 & 1:b=0
C-MP+rlx: W x 1 relaxed; W y 1 relaxed | R a y relaxed; R b x relaxed : exists 1:a=1 & 1:b=0
C-MP+relacq: W x 1 relaxed; W y 1 release | R a y acquire; R b x relaxed : exists 1:a=1 & 1:b=0
C-LB+rlx: R a x relaxed; W y 1 relaxed | R a y relaxed; W x 1 relaxed : exists 0:a=1 & 1:a=1
C-S+rel: W x 2 relaxed; W y 1 release | R a y acquire; W x 1 relaxed : exists 1:a=1 & x=2
C-R+sc: W x 1 seq_cst; W y 1 seq_cst | W y 2 seq_cst; R a x seq_cst : exists 1:a=0 & y=2
C-R+rlx: W x 1 relaxed; W y 1 relaxed | W y 2 relaxed; R a x relaxed : exists 1:a=0 & y=2
C-2+2W+rel: W x 1 release; W y 2 release | W y 1 release; W x 2 release : exists x=1 & y=1
C-WRC+relacq: W x 1 release | R a x acquire; W y 1 release | R a y acquire; R b x acquire : exists 1:a=1 & 2:a=1 & 2:b=0
C-IRIW+sc: W x 1 seq_cst | R a x seq_cst; R b y seq_cst | W y 1 seq_cst | R a y seq_cst; R b x seq_cst : exists 1:a=1 & 1:b=0 & 3:a=1 & 3:b=0
C-IRIW+acq: W x 1 release | R a x acquire; R b y acquire | W y 1 release | R a y acquire; R b x acquire : exists 1:a=1 & 1:b=0 & 3:a=1 & 3:b=0
C-CoRR: W x 1 relaxed | R a x relaxed; R b x relaxed : exists 1:a=1 & 1:b=0
C-FADD2: A a x 1 | A a x 1 : exists 0:a=0 & 1:a=0
C-CAS2: C a x 0 1 | C a x 0 2 : exists 0:a=0 & 1:a=0
"""

LETTERS = "abcd"
X86_REGISTERS = ["EAX", "EBX", "ECX", "EDX"]


class Test:
    def __init__(self, line, language):
        head, rest = line.split(":", 1)
        code, condition = rest.split(": exists")
        self.name, self.language = head.strip(), language
        self.threads = [[op.split() for op in t.split(";")] for t in code.split("|")]
        self.atoms = [a.strip() for a in condition.split("&")]
        self.locations = sorted({w for t in self.threads for op in t for w in self.location(op)})

    @staticmethod
    def location(op):
        return {"W": op[1:2], "R": op[2:3], "F": [], "X": op[2:3], "A": op[2:3], "C": op[2:3], "I": op[1:2]}[op[0]]

    def register(self, letter):
        return X86_REGISTERS[LETTERS.index(letter)] if self.language == "X86" else "r" + str(LETTERS.index(letter))

    # ---- The axioms

    def outcomes(self, model):
        """All outcomes that the model allows, as sorted texts."""
        slots = []  # (thread, index) of operations that read
        for t, ops in enumerate(self.threads):
            for i, op in enumerate(ops):
                if op[0] in "RXACI":
                    slots.append((t, i))
        values = {0}
        for ops in self.threads:
            for op in ops:
                values |= {int(w) for w in op[1:] if w.isdigit()}
        increments = sum(int(op[3]) if op[0] == "A" else 1 for ops in self.threads for op in ops if op[0] in "AI")
        domain = sorted({v + n for v in values for n in range(increments + 1)})
        found = set()
        for guess in itertools.product(domain, repeat=len(slots)):
            self.candidates(dict(zip(slots, guess)), model, found)
        return found

    def candidates(self, read_values, model, found):
        events = []  # (thread, place, kind, location, value, locked); place orders a thread's events
        fences = []
        for t, ops in enumerate(self.threads):
            for i, op in enumerate(ops):
                seen = read_values.get((t, i))
                locked = op[0] in "XACI"
                if op[0] in "RXACI":
                    events.append((t, 2 * i, "R", self.location(op)[0], seen, locked))
                order = op[3] if op[0] == "W" and len(op) > 3 else ""
                if op[0] == "W":
                    events.append((t, 2 * i + 1, "W", op[1], int(op[2]), order == "seq_cst"))
                elif op[0] in "XAI" or (op[0] == "C" and seen == int(op[3])):
                    left = {"X": lambda: int(op[3]), "A": lambda: seen + int(op[3]), "I": lambda: seen + 1,
                            "C": lambda: int(op[4])}[op[0]]()
                    events.append((t, 2 * i + 1, "W", self.location(op)[0], left, True))
                elif op[0] == "F" and (len(op) == 1 or op[1] == "seq_cst"):
                    fences.append((t, 2 * i))
        reads = [e for e in events if e[2] == "R"]
        writes = [e for e in events if e[2] == "W"]
        initial = {x: (-1, -1, "W", x, 0, False) for x in self.locations}
        sources = []
        for r in reads:
            fits = [w for w in writes + [initial[r[3]]] if w[3] == r[3] and w[4] == r[4]]
            if not fits:
                return
            sources.append(fits)
        orders = [list(itertools.permutations([w for w in writes if w[3] == x])) for x in self.locations]
        for co in itertools.product(*orders):
            rank = {}
            for x, chain in zip(self.locations, co):
                rank[initial[x]] = -1
                for n, w in enumerate(chain):
                    rank[w] = n
            for rf in itertools.product(*sources):
                if self.consistent(events, fences, dict(zip(reads, rf)), rank, model):
                    found.add(self.text(read_values, {x: c[-1][4] if c else 0 for x, c in zip(self.locations, co)}))

    def consistent(self, events, fences, rf, rank, model):
        def po(a, b):
            return a[0] == b[0] and a[1] < b[1]

        com, rfe = [], []
        for r, w in rf.items():
            (rfe if w[0] != r[0] else com).append((w, r))
        rfi, com = com, []
        for a in events:
            for b in events:
                if a is b or a[3] != b[3] or b[2] != "W":
                    continue
                if a[2] == "W" and rank[a] < rank[b]:
                    com.append((a, b))  # co
                if a[2] == "R" and rank[rf[a]] < rank[b]:
                    com.append((a, b))  # fr
        # An atomic pair: nothing comes between its read's source and its write.
        for r in rf:
            pair = [w for w in events if w[2] == "W" and w[0] == r[0] and w[1] == r[1] + 1]
            if pair and rank[pair[0]] != rank[rf[r]] + 1:
                return False
        program = [(a, b) for a in events for b in events if po(a, b)]
        if model == "SC":
            return acyclic(events, program + com + rfe + rfi)
        if not acyclic(events, [(a, b) for a, b in program if a[3] == b[3]] + com + rfe + rfi):
            return False

        def kept(a, b):
            fenced = any(f[0] == a[0] and a[1] < f[1] < b[1] for f in fences)
            return (a[2], b[2]) != ("W", "R") or a[5] or b[5] or fenced

        return acyclic(events, [(a, b) for a, b in program if kept(a, b)] + com + rfe)

    # ---- Texts

    def text(self, read_values, memory):
        parts = []
        for t, ops in enumerate(self.threads):
            registers = {}
            for i, op in enumerate(ops):
                if op[0] in "RXAC":
                    registers[op[1]] = read_values[(t, i)]
                if op[0] == "C" and self.language == "X86":
                    registers["b"] = int(op[4])  # the register with the desired value
            parts += [f"{t}:{self.register(r)}={v};" for r, v in sorted(registers.items())]
        parts += [f"[{x}]={v};" for x, v in sorted(memory.items())]
        return " ".join(parts)

    def condition(self):
        def atom(a):
            place, value = a.split("=")
            if ":" not in place:
                return f"{place}={value}"
            return f"{place[:2]}{self.register(place[2:])}={value}"

        return "exists (" + " /\\ ".join(atom(a) for a in self.atoms) + ")"

    def x86_lines(self, ops):
        lines = []
        for op in ops:
            r = self.register(op[1]) if op[0] in "RXAC" else None
            if op[0] == "W":
                lines.append(f"MOV [{op[1]}],${op[2]}")
            elif op[0] == "R":
                lines.append(f"MOV {r},[{op[2]}]")
            elif op[0] == "F":
                lines.append("MFENCE")
            elif op[0] == "I":
                lines.append(f"LOCK INC [{op[1]}]")
            elif op[0] == "C":
                lines += [f"MOV EAX,${op[3]}", f"MOV EBX,${op[4]}", f"LOCK CMPXCHG [{op[2]}],EBX"]
            else:
                name = "XCHG" if op[0] == "X" else "LOCK XADD"
                lines += [f"MOV {r},${op[3]}", f"{name} [{op[2]}],{r}"]
        return lines

    def c_lines(self, ops):
        lines = []
        for op in ops:
            mo = "memory_order_" + op[-1]
            r = self.register(op[1]) if op[0] in "RXAC" else None
            if op[0] == "W":
                lines.append(f"atomic_store_explicit({op[1]}, {op[2]}, {mo});")
            elif op[0] == "R":
                lines.append(f"int {r} = atomic_load_explicit({op[2]}, {mo});")
            elif op[0] == "F":
                lines.append(f"atomic_thread_fence({mo});")
            elif op[0] == "C":
                lines += [f"int {r} = {op[3]};", f"atomic_compare_exchange_strong({op[2]}, &{r}, {op[4]});"]
            else:
                name = "atomic_exchange" if op[0] == "X" else "atomic_fetch_add"
                lines.append(f"int {r} = {name}({op[2]}, {op[3]});")
        return lines

    def code(self):
        if self.language == "C":
            return "\n\n".join(
                f"P{t} ({', '.join('atomic_int* ' + x for x in self.locations)}) {{\n"
                + "".join(f"  {line}\n" for line in self.c_lines(ops)) + "}" for t, ops in enumerate(self.threads))
        columns = [[f"P{t}"] + self.x86_lines(ops) for t, ops in enumerate(self.threads)]
        rows = max(map(len, columns))
        columns = [c + [""] * (rows - len(c)) for c in columns]
        widths = [max(map(len, c)) for c in columns]
        return "\n".join(" " + " | ".join(c[i].ljust(w) for c, w in zip(columns, widths)) + " ;" for i in range(rows))

    def file(self):
        lines = [f"{self.language} {self.name}"]
        for model in ("SC", "TSO"):
            lines.append(f"{model}=" + " | ".join(sorted(self.outcomes(model))))
        lines += ["{", *(f"{x}=0;" for x in self.locations), "}", "", self.code(), "", self.condition(), ""]
        return "\n".join(lines)


def acyclic(nodes, edges):
    after = {n: set() for n in nodes}
    for a, b in edges:
        if a in after:
            after[a].add(b)
    state = {}

    def visit(n):
        state[n] = 1
        for m in after[n]:
            if state.get(m) == 1 or (m not in state and not visit(m)):
                return False
        state[n] = 2
        return True

    return all(n in state or visit(n) for n in nodes)


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    for folder, language, text in (("x86", "X86", X86), ("c", "C", C)):
        for line in text.strip().splitlines():
            test = Test(line, language)
            with open(os.path.join(here, folder, test.name + ".litmus"), "w") as out:
                out.write(test.file())
