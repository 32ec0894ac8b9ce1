#include "engine/base/result.h"

#include "engine/base/logger.h"
#include "engine/base/slot_map.h"

#include "tests/support/run_tests.h"

#include <set>

namespace signalbox {

namespace {

Result<int> half(int n) {
    if (n % 2 != 0) {
        return Error(Errc::InvalidArgument, concat(n, " is odd"));
    }
    return n / 2;
}

Result<void> must_be_small(int n) {
    if (n > 100) {
        return Error(Errc::LimitExceeded, "too large");
    }
    return {};
}

Result<std::string> quarter(int n) {
    TRY(must_be_small(n));
    int const once = TRY(half(n));
    return concat(TRY(half(once)));
}

/// Keeps what is written to it.
class Lines : public base::LogSink {
public:
    void write(LogLevel level, std::string_view line) override {
        all.push_back(concat(static_cast<int>(level), " ", line));
    }

    std::vector<std::string> all;
};

}  // namespace

class ResultTest : public QObject {
    Q_OBJECT

private slots:
    void a_value_passes_through_try() {
        auto const result = quarter(12);
        QVERIFY(result.ok());
        QCOMPARE(result.value(), std::string("3"));
    }

    void the_first_error_ends_the_function() {
        auto const odd = quarter(6);
        QVERIFY(!odd.ok());
        QVERIFY(odd.error().code() == Errc::InvalidArgument);
        QCOMPARE(odd.error().detail(), std::string("3 is odd"));
        QVERIFY(quarter(104).error().code() == Errc::LimitExceeded);
    }

    void a_fallback_stands_in_for_an_error() {
        QCOMPARE(half(3).value_or(-1), -1);
        QCOMPARE(half(4).value_or(-1), 2);
    }

    void a_result_of_bool_is_not_its_value() {
        Result<bool> const no = false;
        QVERIFY(no.ok());
        QVERIFY(!no.value());
    }

    void what_cannot_be_copied_can_be_taken_out() {
        Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
        std::unique_ptr<int> const value = std::move(result).value();
        QCOMPARE(*value, 5);
    }

    void every_code_has_a_name_of_its_own() {
        std::set<std::string_view> names;
        for (int code = 0; code <= static_cast<int>(Errc::Corrupt); ++code) {
            names.insert(base::name_of(static_cast<Errc>(code)));
        }
        QCOMPARE(names.size(), static_cast<std::size_t>(Errc::Corrupt) + 1);
        QVERIFY(!names.contains("unknown"));
    }
};
SIGNALBOX_TEST(ResultTest);

class SlotMapTest : public QObject {
    Q_OBJECT

private slots:
    void an_id_of_what_is_gone_finds_nothing() {
        base::SlotMap<std::string> map;
        auto const first = map.insert("a");
        QCOMPARE(map.take(first), std::string("a"));
        QVERIFY(map.find(first) == nullptr);
        auto const second = map.insert("b");
        // The slot is the same one; the id is not.
        QCOMPARE(second.index, first.index);
        QVERIFY(map.find(first) == nullptr);
        QCOMPARE(*map.find(second), std::string("b"));
    }

    void an_id_that_names_nothing_finds_nothing() {
        base::SlotMap<std::string> map;
        QVERIFY(!base::SlotMap<std::string>::Id());
        QVERIFY(map.find({}) == nullptr);
        map.insert("a");
        QVERIFY(map.find({}) == nullptr);
        QVERIFY(map.find({99, 1}) == nullptr);
    }

    void every_value_is_visited_once() {
        base::SlotMap<int> map;
        std::vector<base::SlotMap<int>::Id> ids;
        for (int i = 0; i < 10; ++i) {
            ids.push_back(map.insert(i));
        }
        map.take(ids[3]);
        map.take(ids[7]);
        QCOMPARE(map.size(), std::size_t{8});
        std::vector<int> visited;
        map.for_each([&](auto id, int value) {
            QCOMPARE(*map.find(id), value);
            visited.push_back(value);
        });
        QCOMPARE(visited, (std::vector<int>{0, 1, 2, 4, 5, 6, 8, 9}));
    }
};
SIGNALBOX_TEST(SlotMapTest);

class LoggerTest : public QObject {
    Q_OBJECT

private slots:
    void debug_and_trace_are_written_when_enabled() {
        Lines lines;
        Logger log(lines);
        LOG(log, Debug, "hidden");
        LOG(log, Notice, "seen ", 1);
        log.enable(true, false);
        LOG(log, Debug, "shown");
        LOG(log, Trace, "hidden");
        QCOMPARE(lines.all, (std::vector<std::string>{"3 seen 1", "4 shown"}));
    }

    void parts_of_an_unwanted_line_are_not_made() {
        Lines lines;
        Logger log(lines);
        int made = 0;
        LOG(log, Trace, ++made);
        QCOMPARE(made, 0);
    }

    void a_prefix_stands_before_every_line() {
        Lines lines;
        Logger log(lines);
        log.enable(true, true);
        Logger own = log.with_prefix("127.0.0.1:5 - cid:7");
        LOG(own, Trace, "hello");
        QCOMPARE(lines.all, std::vector<std::string>{"5 127.0.0.1:5 - cid:7 - hello"});
    }
};
SIGNALBOX_TEST(LoggerTest);

}  // namespace signalbox

#include "result_test.moc"
