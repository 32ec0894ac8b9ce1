#include "engine/base/text.h"
#include "engine/config/validate.h"

#include "tests/support/run_tests.h"

#include <chrono>
#include <random>

namespace signalbox::config {

namespace {

ExportOptions offers(std::string subject, ShareKind kind = ShareKind::Service) {
    return {.kind = kind, .subject = std::move(subject)};
}

ImportOptions takes(std::string account, std::string subject, std::string to = {},
                    ShareKind kind = ShareKind::Service) {
    return {.kind = kind,
            .account = std::move(account),
            .subject = std::move(subject),
            .to = std::move(to)};
}

std::string fault_of(std::vector<AccountOptions> const& accounts) {
    auto const fault = check_sharing(accounts, nullptr);
    return fault ? concat(fault->account, " ", fault->index, " ", fault->why) : "none";
}

AccountOptions account(std::string name, std::vector<ExportOptions> exports,
                       std::vector<ImportOptions> imports) {
    AccountOptions options{.name = std::move(name)};
    options.exports = std::move(exports);
    options.imports = std::move(imports);
    return options;
}

/// Whether following the imports, each with its own subject alone, comes back: slow, and plainly
/// right where every subject is one and the same.
bool goes_in_a_circle(std::vector<std::vector<int>> const& imports) {
    // Kahn: who imports from nobody that is left is taken out.
    std::vector<bool> gone(imports.size());
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t i = 0; i < imports.size(); ++i) {
            bool const free = std::ranges::all_of(
                imports[i], [&](int j) { return gone[static_cast<std::size_t>(j)]; });
            if (!gone[i] && free) {
                gone[i] = true;
                changed = true;
            }
        }
    }
    return std::ranges::find(gone, false) != gone.end();
}

}  // namespace

/// What accounts may take from each other.
class SharingTest : public QObject {
    Q_OBJECT

private slots:
    void an_import_needs_an_export_that_covers_it() {
        auto const with = [](std::string const& offered, std::string const& taken) {
            return fault_of(
                {account("A", {offers(offered)}, {}), account("B", {}, {takes("A", taken)})});
        };
        QCOMPARE(with("a.*", "a.*"), std::string("none"));
        QCOMPARE(with("a.*", "a.b"), std::string("none"));
        QCOMPARE(with("a.>", "a.b.*"), std::string("none"));
        QCOMPARE(with("a.b", "a.*"), std::string("B 0 service import not authorized"));
        QCOMPARE(with("b", "a"), std::string("B 0 service import not authorized"));
        // A stream is no service.
        QCOMPARE(fault_of({account("A", {offers("a")}, {}),
                           account("B", {}, {takes("A", "a", "", ShareKind::Stream)})}),
                 std::string("B 0 stream import not authorized"));
    }

    void a_private_export_is_for_those_it_names() {
        ExportOptions share = offers("a");
        share.accounts = {"B"};
        share.accounts_given = true;
        QCOMPARE(fault_of({account("A", {share}, {}), account("B", {}, {takes("A", "a")})}),
                 std::string("none"));
        QCOMPARE(fault_of({account("A", {share}, {}), account("C", {}, {takes("A", "a")})}),
                 std::string("C 0 service import not authorized"));
        share.accounts.clear();
        QCOMPARE(fault_of({account("A", {share}, {}), account("B", {}, {takes("A", "a")})}),
                 std::string("B 0 service import not authorized"));
    }

    void one_export_of_the_very_subject_decides_alone() {
        ExportOptions narrow = offers("a.b");
        narrow.accounts = {"C"};
        narrow.accounts_given = true;
        QCOMPARE(fault_of({account("A", {offers("a.*"), narrow}, {}),
                           account("B", {}, {takes("A", "a.b")})}),
                 std::string("B 0 service import not authorized"));
        QCOMPARE(fault_of({account("A", {offers("a.*"), narrow}, {}),
                           account("B", {}, {takes("A", "a.c")})}),
                 std::string("none"));
    }

    void a_token_may_have_to_be_the_importer_s_name() {
        ExportOptions share = offers("a.*.x");
        share.account_token_position = 2;
        auto const as = [&](std::string const& taken) {
            return fault_of({account("A", {share}, {}), account("B", {}, {takes("A", taken)})});
        };
        QCOMPARE(as("a.B.x"), std::string("none"));
        QCOMPARE(as("a.C.x"), std::string("B 0 service import not authorized"));
        QCOMPARE(as("a.*.x"), std::string("B 0 service import not authorized"));
        share.account_token_position = 1;
        QCOMPARE(as("a.B.x"), std::string("A 0 sublist: invalid subject"));
    }

    void a_token_that_is_required_is_checked_by_whoever_can() {
        ExportOptions share = offers("a");
        share.token_required = true;
        std::vector<AccountOptions> const accounts{account("A", {share}, {}),
                                                   account("B", {}, {takes("A", "a")})};
        QVERIFY(check_sharing(accounts, nullptr).has_value());
        auto const check = [](AccountOptions const& exporter, ExportOptions const&,
                              std::string_view importer, ImportOptions const& import) {
            return exporter.name == "A" && importer == "B" && import.subject == "a";
        };
        QVERIFY(!check_sharing(accounts, check).has_value());
    }

    void what_cannot_be_is_refused_in_the_reference_s_words() {
        auto const stream = [](ImportOptions import) {
            import.kind = ShareKind::Stream;
            return fault_of({account("A", {offers("a.*", ShareKind::Stream)}, {}),
                             account("B", {}, {import, import})});
        };
        QCOMPARE(stream(takes("A", "a.b")), std::string("B 1 stream import already exists"));
        ImportOptions prefixed = takes("A", "a.b");
        prefixed.prefix = "x.*";
        QCOMPARE(stream(prefixed),
                 std::string("B 0 stream import prefix can not contain wildcard tokens"));
        QCOMPARE(stream(takes("A", "a.*", "x")),
                 std::string("B 0 failed to create mapping transform for stream import subject "
                             "from \"a.*\" to \"x\": invalid mapping destination: not using all of "
                             "the token wildcard(s) in x"));
        ExportOptions measured = offers("a");
        measured.response_type = ResponseType::Stream;
        measured.latency = {.subject = "l"};
        QCOMPARE(fault_of({account("A", {measured}, {})}),
                 std::string("A 0 bad service response type"));
        measured.response_type = ResponseType::Singleton;
        measured.latency->subject = "l.*";
        QCOMPARE(fault_of({account("A", {measured}, {})}),
                 std::string("A 0 invalid publish subject"));
    }

    void what_comes_back_is_refused() {
        auto const pair = [](std::string const& to) {
            return fault_of({account("A", {offers("a")}, {takes("B", "b", to)}),
                             account("B", {offers("b")}, {takes("A", "a", "b")})});
        };
        QCOMPARE(pair("a"), std::string("A 0 import forms a cycle"));
        // There and back, and then to an end.
        QCOMPARE(pair("c"), std::string("none"));
        // An account takes nothing from itself, and is not refused for it.
        QCOMPARE(fault_of({account("A", {offers("x.>")}, {takes("A", "x.>")})}),
                 std::string("none"));
        QCOMPARE(fault_of({account("A", {offers("q")}, {takes("C", "q")}),
                           account("B", {offers("q")}, {takes("A", "q")}),
                           account("C", {offers("q")}, {takes("B", "q")})}),
                 std::string("A 0 import forms a cycle"));
    }

    // Applied or refused within a second, never going on for ever.
    void a_thousand_accounts_are_judged_quickly_and_rightly() {
        std::mt19937_64 random(11);
        for (int round = 0; round < 4; ++round) {
            int const count = 1'000;
            std::vector<AccountOptions> accounts;
            std::vector<std::vector<int>> graph(count);
            for (int i = 0; i < count; ++i) {
                accounts.push_back(account(concat("A", i), {offers("q.>")}, {}));
                for (int k = 0; k < 8; ++k) {
                    // Some rounds lead downwards alone, and so to an end.
                    int const bound = round % 2 == 0 ? i : count;
                    if (bound == 0) {
                        continue;
                    }
                    int const from = static_cast<int>(random() % static_cast<unsigned>(bound));
                    if (from == i) {
                        continue;
                    }
                    graph[static_cast<std::size_t>(i)].push_back(from);
                    accounts.back().imports.push_back(takes(concat("A", from), "q.>"));
                }
            }
            auto const begin = std::chrono::steady_clock::now();
            bool const refused = check_sharing(accounts, nullptr).has_value();
            auto const taken = std::chrono::steady_clock::now() - begin;
            QCOMPARE(refused, goes_in_a_circle(graph));
            QVERIFY(taken < std::chrono::seconds(1));
        }
    }
};
SIGNALBOX_TEST(SharingTest);

}  // namespace signalbox::config

#include "sharing_test.moc"
