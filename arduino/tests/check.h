// The smallest test runner that names what failed: TEST("a sentence") { CHECK(...); CHECK_EQUAL(actual, expected); }
#ifndef PALANG_TESTS_CHECK_H
#define PALANG_TESTS_CHECK_H

#include <cstdio>

namespace check {

struct Test {
  const char *name;
  void (*run)();
  Test *next;
};

Test *&first_test();
void fail(const char *file, int line, const char *what, long long actual, long long expected);

struct Registration {
  Test test;
  Registration(const char *name, void (*run)()) : test{name, run, first_test()} { first_test() = &test; }
};

} // namespace check

#define CHECK_JOIN2(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN2(a, b)
#define TEST(name)                                                                                     \
  static void CHECK_JOIN(test_, __LINE__)();                                                           \
  static check::Registration CHECK_JOIN(registration_, __LINE__)(name, CHECK_JOIN(test_, __LINE__));    \
  static void CHECK_JOIN(test_, __LINE__)()

#define CHECK_EQUAL(actual, expected)                                                                  \
  do {                                                                                                 \
    const long long check_actual = static_cast<long long>(actual);                                     \
    const long long check_expected = static_cast<long long>(expected);                                 \
    if (check_actual != check_expected) check::fail(__FILE__, __LINE__, #actual, check_actual, check_expected); \
  } while (0)

#define CHECK(condition) CHECK_EQUAL((condition) ? 1 : 0, 1)

#endif
