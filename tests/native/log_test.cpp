#include "engine/base/text.h"
#include "engine/native/log_file.h"
#include "engine/native/log_output.h"
#include "engine/native/log_writer.h"
#include "engine/native/syslog.h"

#include "tests/support/run_tests.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <future>
#include <memory>
#include <string>
#include <vector>

using namespace signalbox;
using namespace signalbox::native;

namespace {

// 2026-05-04T18:53:41.000123456Z.
WallTime at(int second = 0) {
    return WallTime(base::seconds(1'777'920'821 + second) + base::microseconds(123) +
                    Duration(456));
}

LogLine line(std::string text, int second = 0, LogLevel level = LogLevel::Notice) {
    return {.level = level, .time = at(second), .text = std::move(text)};
}

LineStyle const kPlain{.time = false, .utc = true, .colour = false};

std::string content(QString const& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : "";
}

/// Keeps the texts of what it is given, beyond its own life.
class Kept : public LogOutput {
public:
    explicit Kept(std::shared_ptr<std::vector<std::string>> lines) : lines_(std::move(lines)) {}
    void write(LogLine const& one) override { lines_->push_back(one.text); }
    Result<void> reopen() override { return Error(Errc::Unavailable, "not a file logger"); }

private:
    std::shared_ptr<std::vector<std::string>> lines_;
};

/// Waits, at its first line, until the test lets it go on.
class Slow : public Kept {
public:
    Slow(std::shared_ptr<std::vector<std::string>> lines, std::promise<void>& begun,
         std::shared_future<void> go)
        : Kept(std::move(lines)), begun_(&begun), go_(std::move(go)) {}
    void write(LogLine const& one) override {
        if (begun_ != nullptr) {
            begun_->set_value();
            begun_ = nullptr;
            go_.wait();
        }
        Kept::write(one);
    }

private:
    std::promise<void>* begun_;
    std::shared_future<void> go_;
};

}  // namespace

class LogTest : public QObject {
    Q_OBJECT
private slots:
    void a_line_has_pid_time_label_and_text() {
        QCOMPARE(formatted(line("hello"), {.time = true, .utc = true, .colour = false}, 7),
                 std::string("[7] 2026/05/04 18:53:41.000123 [INF] hello\n"));
        QCOMPARE(formatted(line("hello"), kPlain, 7), std::string("[7] [INF] hello\n"));
        QCOMPARE(formatted(line("x", 0, LogLevel::Warning),
                           {.time = false, .utc = false, .colour = true}, 7),
                 std::string("[7] [\x1b[0;93mWRN\x1b[0m] x\n"));
        for (auto const& [level, label] :
             std::vector<std::pair<LogLevel, std::string>>{{LogLevel::Fatal, "FTL"},
                                                           {LogLevel::Error, "ERR"},
                                                           {LogLevel::Debug, "DBG"},
                                                           {LogLevel::Trace, "TRC"}}) {
            QCOMPARE(formatted(line("x", 0, level), kPlain, 7), concat("[7] [", label, "] x\n"));
        }
    }

    void a_file_is_added_to() {
        QTemporaryDir dir;
        QString const path = dir.filePath("log");
        for (char const* text : {"one", "two"}) {
            auto log = FileLog::open(path.toStdString(), kPlain, {});
            QVERIFY(log.ok());
            log.value()->write(line(text));
        }
        std::string const all = content(path);
        QVERIFY(all.find("[INF] one\n") != std::string::npos);
        QVERIFY(all.find("[INF] two\n") != std::string::npos);
        QCOMPARE(QFile::permissions(path) & (QFile::ReadOther | QFile::WriteGroup),
                 QFile::Permissions());
    }

    void a_file_that_cannot_be_opened_is_told() {
        auto const log = FileLog::open("/nowhere/at/all", kPlain, {});
        QVERIFY(!log.ok());
        QVERIFY(log.error().detail().starts_with("error opening file: open /nowhere/at/all: "));
    }

    void at_its_size_a_file_is_set_aside() {
        QTemporaryDir dir;
        QString const path = dir.filePath("log");
        auto log = FileLog::open(path.toStdString(), kPlain, {.size = 50, .max_num = 0});
        log.value()->write(line(std::string(60, 'x')));
        QStringList const files = QDir(dir.path()).entryList(QDir::Files, QDir::Name);
        QCOMPARE(files.size(), 2);
        QRegularExpression const shape("^log\\.\\d{4}(\\.\\d\\d){5}\\.\\d{9}$");
        QVERIFY(shape.match(files[1]).hasMatch());
        QVERIFY(files[1].endsWith(".000123456"));
        QVERIFY(content(dir.filePath(files[1])).find("xxx") != std::string::npos);
        QVERIFY(content(path).find(concat("Rotated log, backup saved as \"",
                                          dir.filePath(files[1]).toStdString(), "\"\n")) !=
                std::string::npos);
    }

    void the_oldest_files_go_when_there_are_too_many() {
        QTemporaryDir dir;
        QString const path = dir.filePath("log");
        QFile other(dir.filePath("log.2026.notes"));
        QVERIFY(other.open(QIODevice::WriteOnly));
        auto log = FileLog::open(path.toStdString(), kPlain, {.size = 400, .max_num = 3});
        for (int i = 0; i < 5; ++i) {
            log.value()->write(line(concat("number ", i, std::string(400, 'x')), i));
        }
        QStringList const files = QDir(dir.path()).entryList(QDir::Files, QDir::Name);
        // The current one, two set aside, and a file that only looks like one of them.
        QCOMPARE(files.size(), 4);
        QVERIFY(content(dir.filePath(files[1])).find("number 3") != std::string::npos);
        QVERIFY(content(dir.filePath(files[2])).find("number 4") != std::string::npos);
        QVERIFY(content(path).find("Purged log file \"") != std::string::npos);
    }

    void a_file_that_was_moved_away_is_begun_anew() {
        QTemporaryDir dir;
        QString const path = dir.filePath("log");
        auto log = FileLog::open(path.toStdString(), kPlain, {});
        log.value()->write(line("before"));
        QVERIFY(QFile::rename(path, dir.filePath("moved")));
        log.value()->write(line("still there"));
        QVERIFY(log.value()->reopen().ok());
        log.value()->write(line("after"));
        QVERIFY(content(dir.filePath("moved")).find("still there") != std::string::npos);
        QVERIFY(content(path).find("after") != std::string::npos);
        QVERIFY(content(path).find("still there") == std::string::npos);
    }

    void no_line_is_lost_at_the_end() {
        auto const lines = std::make_shared<std::vector<std::string>>();
        {
            LogWriter writer(std::make_unique<Kept>(lines));
            for (int i = 0; i < 1'000; ++i) {
                writer.write(LogLevel::Notice, std::to_string(i));
            }
        }
        QCOMPARE(lines->size(), std::size_t{1'000});
        QCOMPARE(lines->back(), std::string("999"));
    }

    void lines_after_a_replacement_go_elsewhere() {
        auto const first = std::make_shared<std::vector<std::string>>();
        auto const second = std::make_shared<std::vector<std::string>>();
        {
            LogWriter writer(std::make_unique<Kept>(first));
            writer.write(LogLevel::Notice, "a");
            writer.replace(std::make_unique<Kept>(second));
            writer.write(LogLevel::Notice, "b");
            writer.reopen();
        }
        QCOMPARE(*first, std::vector<std::string>{"a"});
        QCOMPARE(*second,
                 (std::vector<std::string>{"b", "File log re-open ignored, not a file logger"}));
    }

    void what_cannot_be_written_in_time_is_dropped_and_counted() {
        auto const lines = std::make_shared<std::vector<std::string>>();
        std::promise<void> begun;
        std::promise<void> go;
        {
            LogWriter writer(std::make_unique<Slow>(lines, begun, go.get_future().share()));
            writer.write(LogLevel::Notice, "first");
            begun.get_future().wait();
            std::string const large(1U << 20U, 'x');
            for (int i = 0; i < 20; ++i) {
                writer.write(LogLevel::Notice, large);
            }
            go.set_value();
        }
        QVERIFY(lines->size() > 10 && lines->size() < 20);
        QVERIFY(lines->back().ends_with(" log lines were dropped: more than could be written"));
    }

    void a_syslog_message_has_severity_tag_and_pid() {
        std::string const local = syslog_message(line("hi", 0, LogLevel::Error), "sb", 7, "");
        QVERIFY(local.starts_with("<27>"));
        QVERIFY(local.ends_with(" sb[7]: hi\n"));
        std::string const remote = syslog_message(line("hi"), "sb", 7, "host");
        QVERIFY(remote.starts_with("<29>2026-05-0"));
        QVERIFY(remote.ends_with(" host sb[7]: hi\n"));
        QCOMPARE(remote[remote.find(" host") - 3], ':');
    }

    void an_address_of_another_scheme_is_refused() {
        auto const log = Syslog::open("udpx://h:1", "sb");
        QCOMPARE(log.error().detail(), std::string("invalid network type: \"udpx://h:1\""));
    }
};
SIGNALBOX_TEST(LogTest);

#include "log_test.moc"
