#include "tests/support/run_tests.h"

#include <QStringList>

#include <cstdio>

namespace signalbox::support {

namespace {

/// What the arguments ask for.
struct Selection {
    bool list = false;
    std::vector<std::string> classes;  ///< Empty for all.
    QStringList passed_on;
};

bool is_registered(std::string_view name) {
    return std::ranges::any_of(registered_tests(),
                               [&](RegisteredTest const& test) { return test.name == name; });
}

Selection select(std::vector<std::string> const& arguments) {
    Selection selection;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string const& argument = arguments[i];
        std::string const head = argument.substr(0, argument.find("::"));
        if (argument == "--list") {
            selection.list = true;
        } else if (i > 0 && is_registered(head)) {
            selection.classes.push_back(head);
            if (head.size() != argument.size()) {
                selection.passed_on << QString::fromStdString(argument.substr(head.size() + 2));
            }
        } else {
            selection.passed_on << QString::fromStdString(argument);
        }
    }
    return selection;
}

}  // namespace

std::vector<RegisteredTest>& registered_tests() {
    static std::vector<RegisteredTest> tests;
    return tests;
}

std::string source_dir() {
    return SIGNALBOX_SOURCE_DIR;
}

std::string binary_dir() {
    return SIGNALBOX_BINARY_DIR;
}

int run_tests(std::vector<std::string> const& arguments) {
    Selection const selection = select(arguments);
    if (selection.list) {
        for (RegisteredTest const& test : registered_tests()) {
            std::puts(test.name.c_str());
        }
        return 0;
    }
    int run = 0;
    std::vector<std::string> failed;
    for (RegisteredTest const& test : registered_tests()) {
        bool const wanted =
            selection.classes.empty() ||
            std::ranges::find(selection.classes, test.name) != selection.classes.end();
        if (!wanted) {
            continue;
        }
        ++run;
        std::unique_ptr<QObject> const object = test.make();
        if (QTest::qExec(object.get(), selection.passed_on) != 0) {
            failed.push_back(test.name);
        }
    }
    for (std::string const& name : failed) {
        std::printf("failed: %s\n", name.c_str());
    }
    return run == 0 ? 1 : static_cast<int>(failed.size());
}

}  // namespace signalbox::support
