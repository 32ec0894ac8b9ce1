#include "tests/house/house_rules.h"
#include "tests/support/run_tests.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace signalbox::house {

namespace {

std::string read_file(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// All sources below the folders of ours, by path from the top.
std::vector<Source> read_tree() {
    std::filesystem::path const top = support::source_dir();
    std::vector<Source> sources;
    for (char const* folder : {"engine", "gui", "headless", "tests"}) {
        for (auto const& entry : std::filesystem::recursive_directory_iterator(top / folder)) {
            std::string const path = entry.path().lexically_relative(top).generic_string();
            std::string const kind = entry.path().extension().string();
            bool const foreign = path.find("/node_modules/") != std::string::npos ||
                                 path.starts_with("tests/house/samples/");
            if (!foreign && entry.is_regular_file() && (kind == ".h" || kind == ".cpp")) {
                sources.push_back({path, read_file(entry.path())});
            }
        }
    }
    return sources;
}

HouseRules rules_of_tree() {
    return HouseRules(parse_rooms(read_file(support::source_dir() + "/engine/ROOMS")));
}

/// Three rooms, as a small house.
HouseRules small_house() {
    return HouseRules(
        parse_rooms("# a comment: none\n"
                    "base: the ground\n"
                    "planned: attic: not yet\n"
                    "config: above\n"
                    "native: the edge\n"));
}

QString joined(std::vector<std::string> const& broken) {
    std::string all;
    for (std::string const& line : broken) {
        all += "\n  " + line;
    }
    return QString::fromStdString(all);
}

}  // namespace

/// The tree keeps the rules of the house.
class TreeTest : public QObject {
    Q_OBJECT

private slots:
    void every_file_keeps_the_rules() {
        std::vector<Source> const sources = read_tree();
        QVERIFY(sources.size() > 10);
        HouseRules const rules = rules_of_tree();
        std::vector<std::string> broken;
        for (Source const& source : sources) {
            std::vector<std::string> const more = rules.check(source);
            broken.insert(broken.end(), more.begin(), more.end());
        }
        QVERIFY2(broken.empty(), qPrintable(joined(broken)));
    }

    void the_list_of_rooms_and_the_folders_say_the_same() {
        std::vector<std::string> folders;
        std::filesystem::path const engine(support::source_dir() + "/engine");
        for (auto const& entry : std::filesystem::recursive_directory_iterator(engine)) {
            if (entry.is_directory()) {
                folders.push_back(entry.path().lexically_relative(engine).generic_string());
            }
        }
        // Folders below a room are its own, but for those that are rooms.
        for (Room const& room : parse_rooms(read_file(support::source_dir() + "/engine/ROOMS"))) {
            bool const below = room.name.find('/') != std::string::npos;
            if (below &&
                std::filesystem::is_directory(support::source_dir() + "/engine/" + room.name)) {
                folders.push_back(room.name);
            }
        }
        std::vector<std::string> const broken = rules_of_tree().check_folders(folders);
        QVERIFY2(broken.empty(), qPrintable(joined(broken)));
    }

    void no_folder_holds_too_many_names() {
        std::vector<std::string> paths;
        for (Source const& source : read_tree()) {
            paths.push_back(source.path);
        }
        std::vector<std::string> const broken = check_folder_sizes(paths);
        QVERIFY2(broken.empty(), qPrintable(joined(broken)));
    }
};

SIGNALBOX_TEST(TreeTest);

/// The rules see what they are for: each row is a file that breaks one, or one that looks as if.
class HouseRulesTest : public QObject {
    Q_OBJECT

private slots:
    void a_violation_is_seen_data() {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("violations");
        auto const row = [](char const* name, char const* path, QString const& text, int count) {
            QTest::newRow(name) << path << text << count;
        };
        auto const include = [](char const* what) {
            return QStringLiteral("#%1 %2\n").arg("include", what);
        };
        row("a later room", "engine/base/x.cpp", include("\"engine/config/y.h\""), 1);
        row("an earlier room", "engine/config/x.cpp", include("\"engine/base/y.h\""), 0);
        row("a planned room", "engine/config/x.cpp", include("\"engine/attic/y.h\""), 1);
        row("no room", "engine/config/x.cpp", include("\"engine/cellar/y.h\""), 1);
        row("the window from the engine", "engine/config/x.h", include("\"gui/y.h\""), 1);
        row("a bare name", "engine/config/x.cpp", include("\"y.h\""), 1);
        row("Qt in the engine", "engine/base/x.h", include("<QString>"), 1);
        row("Qt in the service", "headless/main.cpp", include("<QtCore>"), 1);
        row("Widgets in a model", "gui/models/x.cpp", include("<QWidget>"), 1);
        row("Core in a model", "gui/models/x.cpp", include("<QAbstractTableModel>"), 0);
        row("plots elsewhere", "gui/pages/x.cpp", include("<qcustomplot.h>"), 1);
        row("the editor's widget elsewhere", "gui/pages/x.cpp", include("<Qsci/qscilexer.h>"), 1);
        row("the editor's widget in its room", "gui/editor/x.cpp", include("<Qsci/qscilexer.h>"),
            0);
        row("plots in their room", "gui/plots/x.cpp", include("<qcustomplot.h>"), 0);
        row("a library's room", "engine/base/x.cpp", include("<simdjson.h>"), 0);
        row("a library elsewhere", "engine/config/x.cpp", include("<simdjson.h>"), 1);
        row("sockets", "engine/config/x.cpp", include("<sys/socket.h>"), 1);
        row("sockets at the edge", "engine/native/x.cpp", include("<sys/socket.h>"), 0);
        row("atomics", "engine/config/x.h", include("<atomic>"), 1);
        row("atomics of the hand-over", "engine/base/counter.h", include("<atomic>"), 0);
        row("the edge from the window", "gui/x.cpp", include("\"engine/native/y.h\""), 1);
        row("the service sees config", "headless/x.cpp", include("\"engine/config/y.h\""), 0);
        row("a clock", "engine/base/x.cpp", "auto t = std::chrono::steady_clock::now();\n", 1);
        row("the world's clock", "engine/base/x.cpp", "auto t = world.clock().now();\n", 0);
        row("the environment", "engine/base/x.cpp", "auto v = getenv(name);\n", 1);
        row("the environment of std", "engine/base/x.cpp", "auto v = std::getenv(name);\n", 1);
        row("randomness", "engine/base/x.cpp", "std::random_device device;\n", 1);
        row("a thread", "engine/base/x.cpp", "std::thread t([] {});\n", 1);
        row("a thread at the edge", "engine/native/x.cpp", "std::thread t([] {});\n", 0);
        row("an atomic", "engine/base/x.h", "std::atomic<int> n;\n", 1);
        row("a global function", "engine/base/x.cpp", "int n = ::read(0, p, 1);\n", 1);
        row("a static of a template", "engine/base/x.cpp", "int n = Ring<int>::size(1);\n", 0);
        row("a file", "engine/base/x.cpp", "std::ofstream out(name);\n", 1);
        row("of each thread", "engine/base/x.cpp", "thread_local int n = 0;\n", 1);
        row("a throw", "engine/native/x.cpp", "throw 1;\n", 1);
        row("a catch", "engine/base/x.cpp", "try { f(); } catch (...) {}\n", 1);
        row("in a comment", "engine/base/x.cpp", "// getenv(name) would throw\n/* throw */\n", 0);
        row("in a string", "engine/base/x.cpp", "auto s = \"throw \\\" getenv(\"; char c = '\"';\n",
            0);
        row("in a raw string", "engine/base/x.cpp", "auto s = R\"x(throw \")\" )x\";\n", 0);
        row("in the window", "gui/x.cpp", "throw 1;\n", 0);
        row("an implementation in world", "engine/world/x.cpp", "int f();\n", 1);
    }

    void a_violation_is_seen() {
        QFETCH(QString, path);
        QFETCH(QString, text);
        QFETCH(int, violations);
        std::vector<std::string> const broken =
            small_house().check({path.toStdString(), text.toStdString()});
        QVERIFY2(static_cast<int>(broken.size()) == violations, qPrintable(joined(broken)));
    }

    void a_long_function_is_seen_unless_it_says_why() {
        std::string const body(71, '\n');
        QCOMPARE(check_sizes({"engine/base/x.cpp", "void f() {" + body + "}\n"}).size(), 1U);
        QCOMPARE(check_sizes({"engine/base/x.cpp", "void f() {" + body.substr(1) + "}\n"}).size(),
                 0U);
        QCOMPARE(check_sizes({"engine/base/x.cpp",
                              "// NOLINTNEXTLINE(readability-function-size): one switch\n"
                              "void f() {" +
                                  body + "}\n"})
                     .size(),
                 0U);
    }

    void functions_are_found_wherever_they_stand() {
        Sizes const sizes = sizes_of(
            "namespace a {\n"
            "struct S : T<int, int> {\n"
            "    explicit S(int n) : T{n}, b_{2} { f(); }\n"
            "    bool operator()(int a, int b) const { return a < b; }\n"
            "    int b_ = 0;\n"
            "};\n"
            "template <class A, class B>\n"
            "auto g(std::map<A, B> const& m, int n) -> int {\n"
            "    auto const h = [](int x) { return x; };\n"
            "    if (n) {\n"
            "        return 1;\n"
            "    }\n"
            "}\n"
            "constexpr std::array<int, 2> kTable = {{1, 2}};\n"
            "}\n");
        QCOMPARE(sizes.functions.size(), 3U);
        QCOMPARE(sizes.functions[0].parameters, 1);
        QCOMPARE(sizes.functions[1].parameters, 2);
        QCOMPARE(sizes.functions[2].parameters, 2);
        QCOMPARE(sizes.functions[2].line, 8);
        QCOMPARE(sizes.functions[2].lines, 5);
    }

    void members_are_counted_and_nothing_else() {
        Sizes const sizes = sizes_of(
            "class C : public B {\n"
            "public:\n"
            "    enum class Kind { A, B };\n"
            "    using T = std::map<int, int>;\n"
            "    explicit C(int a);\n"
            "    virtual int f() const = 0;\n"
            "    static constexpr int kN = 3;\n"
            "    int size() const { return n_; }\n"
            "private:\n"
            "    struct Inner { int x = 0; int y = 0; };\n"
            "    std::function<void(int, int)> call_;\n"
            "    std::array<T, 3> slots_{};\n"
            "    int a_ = 0;\n"
            "    Mutex m_;\n"
            "    int n_ GUARDED_BY(m_) = 0;\n"
            "};\n");
        QCOMPARE(sizes.classes.size(), 2U);
        QCOMPARE(sizes.classes[0].members, 2);
        QCOMPARE(sizes.classes[1].members, 5);
    }

    void too_many_members_parameters_or_lines_are_seen() {
        std::string members;
        for (int i = 0; i <= 20; ++i) {
            members += "    int n" + std::to_string(i) + " = 0;\n";
        }
        QCOMPARE(check_sizes({"engine/base/x.h", "struct S {\n" + members + "};\n"}).size(), 1U);
        QCOMPARE(check_sizes({"gui/x.cpp",
                              "void f(int a, int b, int c, int d, int e, int g, "
                              "int h) {}\n"})
                     .size(),
                 1U);
        QCOMPARE(check_sizes({"tests/base/x.h", std::string(301, '\n')}).size(), 1U);
        QCOMPARE(check_sizes({"engine/base/x.cpp", std::string(701, '\n')}).size(), 1U);
        QCOMPARE(check_sizes({"engine/base/x.cpp", std::string(700, '\n')}).size(), 0U);
    }

    void a_crowded_folder_is_seen() {
        std::vector<std::string> paths;
        for (int i = 0; i < 30; ++i) {
            paths.push_back("engine/base/n" + std::to_string(i) + ".h");
            paths.push_back("engine/base/n" + std::to_string(i) + ".cpp");
        }
        QVERIFY(check_folder_sizes(paths).empty());
        paths.push_back("engine/base/one_more.h");
        QCOMPARE(check_folder_sizes(paths).size(), 1U);
    }

    void a_folder_without_a_line_and_a_line_without_a_folder_are_seen() {
        HouseRules const rules = small_house();
        QVERIFY(rules.check_folders({"base", "config", "native"}).empty());
        QCOMPARE(rules.check_folders({"base", "config"}).size(), 1U);
        QCOMPARE(rules.check_folders({"base", "config", "native", "cellar"}).size(), 1U);
        QCOMPARE(rules.check_folders({"base", "config", "native", "attic"}).size(), 1U);
    }
};

SIGNALBOX_TEST(HouseRulesTest);

}  // namespace signalbox::house

#include "house_test.moc"
