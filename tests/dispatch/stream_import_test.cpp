#include "tests/dispatch/sharing_stage.h"
#include "tests/support/random_subject.h"

namespace signalbox::dispatch {

namespace {

constexpr auto kStream = config::ShareKind::Stream;

}  // namespace

/// Messages of one account heard in another.
class StreamImportTest : public QObject {
    Q_OBJECT

private slots:
    void messages_come_over_the_wall_by_their_local_name() {
        config::ImportOptions prefixed = takes(kStream, "A", "p.>");
        prefixed.prefix = "from.a";
        SharingStage stage(
            {account_of("A", {offers(kStream, "s.*.*"), offers(kStream, "p.>")}),
             account_of("B", {}, {takes(kStream, "A", "s.*.*", "t.$2.$1"), prefixed})});
        Guest& a = stage.guest("A");
        Guest& b = stage.guest("B");
        b.subscribe(">", "1");
        b.subscribe("t.*.1", "2");
        QCOMPARE(a.publish("s.1.2", "x"), std::uint64_t{2});
        Lines both = b.take();
        std::ranges::sort(both);
        QVERIFY((both == Lines{"1 t.2.1 x", "2 t.2.1 x"}));
        QCOMPARE(a.publish("s.9.1", "y"), std::uint64_t{1});
        QVERIFY((b.take() == Lines{"1 t.1.9 y"}));
        a.publish("s.1.9", "z");
        a.publish("p.q.r", "v");
        Lines three = b.take();
        std::ranges::sort(three);
        QVERIFY((three == Lines{"1 from.a.p.q.r v", "1 t.9.1 z", "2 t.9.1 z"}));
        QCOMPARE(a.publish("other", "no"), std::uint64_t{0});
    }

    void messages_of_the_importer_stay_there() {
        SharingStage stage({account_of("A", {offers(kStream, "s")}),
                            account_of("B", {}, {takes(kStream, "A", "s")})});
        Guest& a = stage.guest("A");
        Guest& b = stage.guest("B");
        a.subscribe("s", "1");
        b.subscribe("s", "1");
        QCOMPARE(b.publish("s", "x"), std::uint64_t{1});
        QVERIFY(a.take().empty());
    }

    void nothing_goes_on_to_a_third_account() {
        SharingStage stage({account_of("A", {offers(kStream, "s")}),
                            account_of("B", {offers(kStream, "s")}, {takes(kStream, "A", "s")}),
                            account_of("C", {}, {takes(kStream, "B", "s")})});
        Guest& a = stage.guest("A");
        Guest& b = stage.guest("B");
        Guest& c = stage.guest("C");
        b.subscribe("s", "1");
        c.subscribe("s", "1");
        QCOMPARE(a.publish("s", "x"), std::uint64_t{1});
        QCOMPARE(b.publish("s", "y"), std::uint64_t{2});
        QVERIFY((c.take() == Lines{"1 s y"}));
    }

    void one_queue_group_has_members_in_both_accounts() {
        SharingStage stage({account_of("A", {offers(kStream, "s")}),
                            account_of("B", {}, {takes(kStream, "A", "s")})});
        Guest& a = stage.guest("A");
        Guest& b = stage.guest("B");
        a.subscribe("s", "1", "q");
        b.subscribe("s", "1", "q");
        for (int i = 0; i < 200; ++i) {
            QCOMPARE(a.publish("s", "x"), std::uint64_t{1});
        }
        auto const here = a.take().size();
        auto const there = b.take().size();
        QCOMPARE(here + there, std::size_t{200});
        QVERIFY(here > 50 && there > 50);
    }

    void the_receiver_is_asked_with_the_subject_it_sees() {
        SharingStage stage({account_of("A", {offers(kStream, "s.*")}),
                            account_of("B", {}, {takes(kStream, "A", "s.*", "t.$1")})});
        Guest& a = stage.guest("A");
        Guest& b = stage.guest("B");
        b.subscribe("t.*", "1");
        b.refuses = "t.secret";
        QCOMPARE(a.publish("s.secret", "x"), std::uint64_t{0});
        QCOMPARE(a.publish("s.open", "x"), std::uint64_t{1});
    }

    void a_subscription_ends_after_its_maximum_and_leaves_nothing_behind() {
        SharingStage stage({account_of("A", {offers(kStream, "s")}),
                            account_of("B", {}, {takes(kStream, "A", "s")})});
        Guest& a = stage.guest("A");
        Guest& b = stage.guest("B");
        b.subscribe("s", "1");
        b.end_after("1", 2);
        QCOMPARE(stage.accounts.find("A")->subscription_count(), std::size_t{1});
        for (int i = 0; i < 4; ++i) {
            a.publish("s", "x");
        }
        QCOMPARE(b.take().size(), std::size_t{2});
        QCOMPARE(stage.accounts.find("A")->subscription_count(), std::size_t{0});
        QCOMPARE(stage.accounts.find("B")->subscription_count(), std::size_t{0});
    }

    void a_reload_changes_imports_and_spares_the_others() {
        auto const a_options = account_of("A", {offers(kStream, "s"), offers(kStream, "t")});
        SharingStage stage({a_options, account_of("B", {}, {takes(kStream, "A", "s")})});
        Guest& a = stage.guest("A");
        Guest& b = stage.guest("B");
        b.subscribe(">", "1");
        stage.reload(
            {a_options,
             account_of("B", {}, {takes(kStream, "A", "s"), takes(kStream, "A", "t", "u")})});
        a.publish("s", "x");
        a.publish("t", "y");
        QVERIFY((b.take() == Lines{"1 s x", "1 u y"}));
        // The exporter takes it back.
        stage.reload(
            {account_of("A", {offers(kStream, "t")}),
             account_of("B", {}, {takes(kStream, "A", "s"), takes(kStream, "A", "t", "u")})});
        a.publish("s", "x");
        a.publish("t", "y");
        QVERIFY((b.take() == Lines{"1 u y"}));
        // The exporter goes.
        stage.reload({account_of("B", {}, {takes(kStream, "A", "t", "u")})});
        QCOMPARE(a.publish("t", "y"), std::uint64_t{0});
    }

    // Subscriptions, imports and messages by chance: each message reaches exactly those who listen
    // on its local name.
    void whoever_listens_hears_each_message_once() {
        constexpr std::uint64_t kSeed = 5;
        support::RandomSubjects random(kSeed);
        for (int round = 0; round < 60; ++round) {
            std::string const exported = random.filter();
            config::ImportOptions import = takes(kStream, "A", exported);
            import.prefix = "in";
            SharingStage stage(
                {account_of("A", {offers(kStream, exported)}), account_of("B", {}, {import})});
            Guest& a = stage.guest("A");
            Guest& b = stage.guest("B");
            std::vector<std::string> filters;
            for (int i = 0; i < 20; ++i) {
                filters.push_back(random.below(3) == 0 ? random.filter() : "in." + random.filter());
                b.subscribe(filters.back(), std::to_string(i));
            }
            for (int i = 0; i < 40; ++i) {
                std::string const subject = random.subject();
                if (!subject::PublishSubject::from_token(subject).is_literal()) {
                    continue;
                }
                std::uint64_t expected = 0;
                for (std::string const& filter : filters) {
                    expected += support::plainly_matches(exported, subject) &&
                                support::plainly_matches(filter, "in." + subject);
                }
                QCOMPARE(a.publish(subject, "x"), expected);
                QCOMPARE(b.take().size(), static_cast<std::size_t>(expected));
            }
        }
    }
};
SIGNALBOX_TEST(StreamImportTest);

}  // namespace signalbox::dispatch

#include "stream_import_test.moc"
