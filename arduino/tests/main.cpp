#include "check.h"

namespace check {

namespace {
int failures = 0;
}

Test *&first_test() {
  static Test *first = nullptr;
  return first;
}

void fail(const char *file, int line, const char *what, long long actual, long long expected) {
  failures++;
  std::printf("  %s:%d: %s is %lld, expected %lld\n", file, line, what, actual, expected);
}

} // namespace check

int main() {
  int count = 0;
  int failed = 0;
  for (check::Test *test = check::first_test(); test != nullptr; test = test->next) {
    const int before = check::failures;
    test->run();
    count++;
    if (check::failures == before) continue;
    failed++;
    std::printf("not ok: %s\n", test->name);
  }
  std::printf("%d tests, %d failed\n", count, failed);
  return failed == 0 && count > 0 ? 0 : 1;
}
