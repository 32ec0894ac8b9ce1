#pragma once

#include <QtTest>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::support {

/// One class of tests, made when it is its turn.
struct RegisteredTest {
    std::string name;
    std::function<std::unique_ptr<QObject>()> make;
};

/// The classes of this executable, in the order their files were linked.
std::vector<RegisteredTest>& registered_tests();

/// Adds a class of tests before `main` begins.
template <class Test>
struct Registration {
    explicit Registration(char const* name) {
        registered_tests().push_back({name, [] { return std::make_unique<Test>(); }});
    }
};

/// Where the sources are, and where this build is.
std::string source_dir();
std::string binary_dir();

/// Runs the registered classes and answers how many of them failed, or 1 when none was run.
///
/// `--list` prints their names and runs nothing. An argument that is a class's name, or
/// `Class::function`, limits the run to it; all others go to Qt Test.
int run_tests(std::vector<std::string> const& arguments);

}  // namespace signalbox::support

/// Stands once below each class of tests, in its namespace; `#include "x_test.moc"` ends the file.
#define SIGNALBOX_TEST(Class) SIGNALBOX_TEST_AT(Class, __LINE__)
#define SIGNALBOX_TEST_AT(Class, line) SIGNALBOX_TEST_NAMED(Class, line)
#define SIGNALBOX_TEST_NAMED(Class, line)                                      \
    namespace {                                                                \
    signalbox::support::Registration<Class> const registration_##line{#Class}; \
    }                                                                          \
    static_assert(std::is_base_of_v<QObject, Class>, "a class of tests is a QObject")

namespace QTest {

/// So that a failed QCOMPARE shows both texts, control characters escaped.
template <>
inline char* toString(std::string const& text) {
    return toPrettyCString(text.data(), static_cast<qsizetype>(text.size()));
}

template <>
inline char* toString(std::string_view const& text) {
    return toPrettyCString(text.data(), static_cast<qsizetype>(text.size()));
}

}  // namespace QTest
