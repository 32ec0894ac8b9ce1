#include "gui/editor/option_help.h"
#include "gui/editor/resolved_text.h"
#include "gui/models/change_model.h"
#include "gui/source/configuration_checker.h"
#include "gui/source/configuration_file.h"

#include "tests/support/run_tests.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>

namespace signalbox::gui {

namespace {

ConfigurationPtr read(std::string const& text) {
    return checkConfiguration(text, QStringLiteral("a.conf")).configuration;
}

void write(QString const& path, QByteArray const& text) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
}

}  // namespace

class ConfigurationTest : public QObject {
    Q_OBJECT

private slots:
    void problems_have_their_place_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("line");
        QTest::addColumn<int>("column");
        QTest::addColumn<QString>("says");
        QTest::newRow("unknown key")
            << "debug: true\n\nmax_paylod: 3" << 3 << 0
            << "unknown field \"max_paylod\" (did you mean \"max_payload\"?)";
        QTest::newRow("on the first line") << "  prt: 1" << 1 << 2 << "did you mean \"port\"?";
        QTest::newRow("syntax") << "debug: true\nport = = 3" << 2 << -1 << "";
        QTest::newRow("wrong type") << "debug: true\nport: [1]" << 2 << 0 << "";
        QTest::newRow("unknown variable")
            << "debug: true\nport: $NO_SUCH_ONE" << 2 << -1 << "NO_SUCH_ONE";
    }
    void problems_have_their_place() {
        QFETCH(QString, text);
        QFETCH(int, line);
        QFETCH(int, column);
        QFETCH(QString, says);
        CheckResult const result =
            checkConfiguration(text.toStdString(), QStringLiteral("/no/where/a.conf"));
        QVERIFY(result.configuration == nullptr);
        QCOMPARE(result.problems.size(), std::size_t{1});
        QCOMPARE(result.problems[0].line, line);
        QCOMPARE(result.problems[0].column, column);
        QVERIFY(result.problems[0].file.isEmpty());
        QVERIFY2(result.problems[0].text.contains(says), qPrintable(result.problems[0].text));
    }

    void a_problem_of_an_included_file_is_told_of_that_file() {
        QTemporaryDir const folder;
        write(folder.filePath(QStringLiteral("b.conf")), "debug: true\nprot: 1\n");
        CheckResult const result =
            checkConfiguration("include 'b.conf'\n", folder.filePath(QStringLiteral("a.conf")));
        QCOMPARE(result.problems.size(), std::size_t{1});
        QVERIFY(result.problems[0].file.endsWith(QStringLiteral("b.conf")));
        QCOMPARE(result.problems[0].line, 2);
        CheckResult const missing =
            checkConfiguration("include 'c.conf'\n", folder.filePath(QStringLiteral("a.conf")));
        QVERIFY(missing.problems.at(0).file.endsWith(QStringLiteral("c.conf")));
    }

    void a_warning_does_not_refuse() {
        CheckResult const result = checkConfiguration("", QStringLiteral("a.conf"));
        QVERIFY(result.configuration != nullptr);
        QCOMPARE(result.problems.size(), std::size_t{1});
        QVERIFY(result.problems[0].severity == ConfigurationProblem::Severity::Warning);
    }

    void only_the_newest_text_is_told_of() {
        ConfigurationChecker checker;
        std::vector<CheckResult> results;
        connect(&checker, &ConfigurationChecker::checked, this,
                [&](CheckResult const& result) { results.push_back(result); });
        checker.checkNow("port: 1", {});
        checker.checkSoon("port: x", {});
        checker.checkSoon("port: 3", {});
        QTRY_VERIFY(checker.settled());
        QVERIFY(!results.empty());
        QVERIFY(results.back().configuration != nullptr);
        QCOMPARE(results.back().configuration->options.listen.port, 3);
        QCOMPARE(results.back().number, checker.asked());
        for (CheckResult const& result : results) {
            QVERIFY(result.configuration != nullptr);
        }
    }

    void a_change_is_marked_by_what_a_reload_can_do() {
        ConfigurationPtr const running = read("port: 4222\ndebug: false");
        ConfigurationPtr const file = read("port: 4222\ndebug: true");
        ConfigurationPtr const editor = read("port: 4333\ndebug: true");
        std::vector<ChangeRow> const rows = compareConfigurations(running, file, editor);
        QCOMPARE(rows.size(), std::size_t{2});
        for (ChangeRow const& row : rows) {
            bool const port = row.key == QLatin1String("port");
            QCOMPARE(*row.running, port ? QStringLiteral("4222") : QStringLiteral("false"));
            QCOMPARE(*row.file, port ? QStringLiteral("4222") : QStringLiteral("true"));
            QCOMPARE(row.editor, port ? QStringLiteral("4333") : QStringLiteral("true"));
            QVERIFY(*row.reload ==
                    (port ? config::ReloadRule::Refused : config::ReloadRule::Applied));
        }
    }

    void what_runs_already_needs_no_reload() {
        ConfigurationPtr const running = read("debug: true");
        std::vector<ChangeRow> const rows =
            compareConfigurations(running, read("debug: false"), read("debug: true"));
        QCOMPARE(rows.size(), std::size_t{1});
        QVERIFY(!rows[0].reload);
        QVERIFY(compareConfigurations(running, nullptr, read("debug: true")).empty());
        QVERIFY(compareConfigurations(running, nullptr, nullptr).empty());
    }

    void secrets_are_shown_nowhere() {
        ConfigurationPtr const one = read("authorization { user: a, password: hunter1 }");
        ConfigurationPtr const other =
            read("PW = hunter2\nauthorization { user: a, password: $PW }");
        std::vector<ChangeRow> const rows = compareConfigurations(one, one, other);
        QCOMPARE(rows.size(), std::size_t{1});
        ChangeModel model;
        model.show(rows);
        for (int column = 0; column < model.columnCount(); ++column) {
            QModelIndex const cell = model.index(0, column);
            for (int const role : {int(Qt::DisplayRole), int(Qt::ToolTipRole)}) {
                QVERIFY(!model.data(cell, role).toString().contains(QStringLiteral("hunter")));
            }
        }
        QString const resolved = resolvedText(*other);
        QVERIFY(!resolved.contains(QStringLiteral("hunter")));
        QVERIFY(resolved.contains(QStringLiteral("[REDACTED]")));
    }

    void resolved_text_has_variables_and_places() {
        QTemporaryDir const folder;
        write(folder.filePath(QStringLiteral("b.conf")), "debug: true\n");
        CheckResult const result = checkConfiguration("P = 4333\nport: $P\ninclude b.conf\n",
                                                      folder.filePath(QStringLiteral("a.conf")));
        QVERIFY(result.configuration != nullptr);
        QString const text = resolvedText(*result.configuration);
        QVERIFY(text.contains(QRegularExpression(QStringLiteral("port: 4333 +# a.conf:2"))));
        QVERIFY(text.contains(QRegularExpression(QStringLiteral("debug: true +# b.conf:1"))));
        QVERIFY(!text.contains(QStringLiteral("P: 4333")));
    }

    void help_comes_from_the_option_table() {
        config::Key const* const key = keyIn({}, "MAX_PAYLOAD");
        QVERIFY(key != nullptr);
        QString const help = helpHtml(*key, {});
        QVERIFY(help.contains(QStringLiteral("1048576")));
        QVERIFY(help.contains(QStringLiteral("applies on reload")));
        QVERIFY(keyIn({"authorization"}, "timeout") != nullptr);
        QVERIFY(keyIn({"authorization", "users", "[]"}, "password") != nullptr);
        QVERIFY(keyIn({"authorization"}, "max_payload") == nullptr);
        QVERIFY(keysIn({}).contains(QStringLiteral("max_payload")));
        QVERIFY(keysIn({"my", "own"}).isEmpty());
    }

    void a_file_is_written_whole_and_watched() {
        QTemporaryDir const folder;
        QString const path = folder.filePath(QStringLiteral("a.conf"));
        ConfigurationFile file;
        QSignalSpy saved(&file, &ConfigurationFile::saved);
        QSignalSpy changed(&file, &ConfigurationFile::changedOnDisk);
        QSignalSpy failed(&file, &ConfigurationFile::failed);
        file.save(path, "debug: true\n");
        QTRY_COMPARE(saved.count(), 1);
        QCOMPARE(*file.bytes(), std::string("debug: true\n"));
        QVERIFY(!(QFile::permissions(path) & QFileDevice::ReadOther));
        write(path, "debug: false\n");
        QTRY_COMPARE(changed.count(), 1);
        QCOMPARE(*file.bytes(), std::string("debug: false\n"));
        file.open(folder.filePath(QStringLiteral("none.conf")));
        QTRY_COMPARE(failed.count(), 1);
        QCOMPARE(*file.bytes(), std::string("debug: false\n"));
        file.save(folder.filePath(QStringLiteral("no/folder/a.conf")), "x");
        QTRY_COMPARE(failed.count(), 2);
    }
};

SIGNALBOX_TEST(ConfigurationTest);

}  // namespace signalbox::gui

#include "configuration_test.moc"
