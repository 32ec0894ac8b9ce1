#include "gui/application_settings.h"
#include "gui/dialogs/jetstream/confirm_dialog.h"
#include "gui/icons.h"
#include "gui/main_window.h"
#include "gui/pages/jetstream/consumers_page.h"
#include "gui/pages/jetstream/keys_page.h"
#include "gui/pages/jetstream/objects_page.h"
#include "gui/pages/jetstream/stored_page.h"
#include "gui/pages/jetstream/streams_page.h"
#include "gui/source/remote_source.h"
#include "gui/widgets/live_table.h"

#include "tests/support/reference_server.h"
#include "tests/support/run_tests.h"

#include <QAction>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>

namespace signalbox::gui {

namespace {

constexpr int kPatience = 20'000;

/// A window attached to a server.
struct Bench {
    Bench(std::string const& url, bool may_write)
        : source({.server = url, .may_write = may_write}, {.name = QStringLiteral("far"),
                                                           .color = QStringLiteral("#2f6fb3"),
                                                           .environment = QStringLiteral("dev"),
                                                           .readOnly = !may_write}),
          theme(ThemeKind::Light) {
        loadResources();
        theme.apply(ThemeKind::Light);
        window = std::make_unique<MainWindow>(source, theme, settings);
        window->resize(1'280, 800);
        window->show();
        window->startBroker();
    }

    template <class Page>
    Page& page(char const* id) {
        window->showPage(QLatin1String(id));
        return *window->findChild<Page*>();
    }
    LiveTable& table(QWidget& page, int number = 0) {
        return *page.findChildren<LiveTable*>()[number];
    }
    LiveTable& table(QWidget& page, QString const& name) {
        for (LiveTable* const one : page.findChildren<LiveTable*>()) {
            if (one->accessibleName() == name) {
                return *one;
            }
        }
        qFatal("no table %s", qPrintable(name));
    }
    QAction& action(QWidget& page, QString const& text) {
        for (QAction* const one : page.findChildren<QAction*>()) {
            if (one->text() == text) {
                return *one;
            }
        }
        qFatal("no action %s", qPrintable(text));
    }
    bool says(QString const& text) const {
        for (QLabel const* const label : window->findChildren<QLabel*>()) {
            if (label->isVisible() && label->text().contains(text)) {
                return true;
            }
        }
        return false;
    }
    host::JetStreamAnswer ask(host::JetStreamOrder order) {
        std::optional<host::JetStreamAnswer> came;
        source.jetStream()->ask(std::move(order), window.get(),
                                [&](host::JetStreamAnswer& answer) { came = std::move(answer); });
        (void)QTest::qWaitFor([&] { return came.has_value(); }, kPatience);
        return came ? *std::move(came) : host::JetStreamAnswer{};
    }
    void make(std::string const& subject, std::string const& body) {
        host::JetStreamAnswer const answer =
            ask(host::AskApi{.act = host::AskApi::Act::Change, .subject = subject, .body = body});
        QVERIFY2(!answer.error, qPrintable(errorText(answer)));
    }
    void publish(std::string const& subject, std::string const& payload) {
        QVERIFY(!ask(host::StoreMessage{.subject = subject, .payload = payload}).error);
    }

    RemoteSource source;
    Theme theme;
    ApplicationSettings settings = ApplicationSettings::none();
    std::unique_ptr<MainWindow> window;
};

}  // namespace

/// The pages about what JetStream keeps, in front of a real server.
class JetStreamPagesTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        server_ = std::make_unique<support::ReferenceServer>();
        if (!server_->isReady()) {
            QSKIP("no nats-server to look at; NATS_SERVER may name one");
        }
        bench_ = std::make_unique<Bench>(server_->url(), true);
        bench_->source.jetStream()->want();
        QTRY_VERIFY_WITH_TIMEOUT(bench_->source.jetStream()->available(), kPatience);
        bench_->make("STREAM.CREATE.ORDERS",
                     R"({"name":"ORDERS","subjects":["orders.>"],"allow_direct":true})");
        bench_->make("CONSUMER.CREATE.ORDERS.billing",
                     R"({"stream_name":"ORDERS","config":{"durable_name":"billing",)"
                     R"("ack_policy":"explicit"}})");
        for (int i = 0; i < 30; ++i) {
            bench_->publish(i % 2 == 0 ? "orders.new" : "orders.paid",
                            "{\"n\":" + std::to_string(i) + "}");
        }
        bench_->make("STREAM.CREATE.KV_settings",
                     R"({"name":"KV_settings","subjects":["$KV.settings.>"],"allow_direct":true,)"
                     R"("max_msgs_per_subject":5,"allow_rollup_hdrs":true,"discard":"new"})");
        bench_->publish("$KV.settings.theme", "light");
        bench_->publish("$KV.settings.theme", "dark");
        bench_->publish("$KV.settings.lang", "en");
        bench_->make("STREAM.CREATE.OBJ_files",
                     R"({"name":"OBJ_files","subjects":["$O.files.C.>","$O.files.M.>"],)"
                     R"("allow_direct":true,"allow_rollup_hdrs":true})");
    }
    void cleanupTestCase() {
        bench_.reset();
        server_.reset();
    }

    void streams_are_listed_with_what_one_may_do() {
        StreamsPage& page = bench_->page<StreamsPage>("streams");
        LiveTable& table = bench_->table(page);
        QTRY_COMPARE_WITH_TIMEOUT(table.model()->rowCount(), 3, kPatience);
        page.showStream(QStringLiteral("ORDERS"));
        QVERIFY(bench_->action(page, QStringLiteral("Purge…")).isEnabled());
        QCOMPARE(table.model()->index(2, 2).data().toString(), QStringLiteral("30"));
    }

    void messages_are_read_from_their_end_and_by_subject() {
        StoredPage& page = bench_->page<StoredPage>("stored");
        page.showStream(QStringLiteral("ORDERS"));
        LiveTable& table = bench_->table(page);
        QTRY_COMPARE_WITH_TIMEOUT(table.model()->rowCount(), 30, kPatience);
        auto* const filter = page.findChild<QLineEdit*>();
        filter->setText(QStringLiteral("orders.paid"));
        QTest::keyClick(filter, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(table.model()->rowCount(), 15, kPatience);
        filter->clear();
        auto const combos = page.findChildren<QComboBox*>();
        combos[1]->setCurrentIndex(3);
        emit combos[1]->activated(3);
        QTRY_COMPARE_WITH_TIMEOUT(table.model()->rowCount(), 2, kPatience);
        combos[1]->setCurrentIndex(0);
        host::JetStreamAnswer const info =
            bench_->ask(host::AskApi{.subject = "STREAM.INFO.ORDERS"});
        std::string const& json = std::get<host::ApiDocument>(info.what).json;
        QVERIFY(json.find("\"consumer_count\":1") != std::string::npos);
    }

    void consumers_are_listed() {
        ConsumersPage& page = bench_->page<ConsumersPage>("consumers");
        page.showStream(QStringLiteral("ORDERS"));
        LiveTable& table = bench_->table(page);
        QTRY_COMPARE_WITH_TIMEOUT(table.model()->rowCount(), 1, kPatience);
        QCOMPARE(table.model()->index(0, 2).data().toString(), QStringLiteral("30"));
        QVERIFY(bench_->action(page, QStringLiteral("Delete…")).isEnabled());
    }

    void a_key_that_is_written_elsewhere_changes_on_the_page() {
        KeysPage& page = bench_->page<KeysPage>("keyvalue");
        LiveTable& keys = bench_->table(page, QStringLiteral("Keys"));
        QTRY_COMPARE_WITH_TIMEOUT(keys.model()->rowCount(), 2, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(keys.model()->index(1, 1).data().toString(),
                                  QStringLiteral("dark"), kPatience);
        keys.selectRow(1);
        LiveTable& history = bench_->table(page, QStringLiteral("History of the key"));
        QTRY_COMPARE_WITH_TIMEOUT(history.model()->rowCount(), 2, kPatience);
        bench_->publish("$KV.settings.theme", "blue");
        QTRY_COMPARE_WITH_TIMEOUT(keys.model()->index(1, 1).data().toString(),
                                  QStringLiteral("blue"), kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(history.model()->rowCount(), 3, kPatience);
    }

    void a_deleted_key_can_be_put_back() {
        KeysPage& page = bench_->page<KeysPage>("keyvalue");
        LiveTable& keys = bench_->table(page, QStringLiteral("Keys"));
        QTRY_COMPARE_WITH_TIMEOUT(keys.model()->index(0, 1).data().toString(), QStringLiteral("en"),
                                  kPatience);
        keys.selectRow(0);
        bench_->action(page, QStringLiteral("Delete")).trigger();
        QTRY_COMPARE_WITH_TIMEOUT(keys.model()->index(0, 1).data().toString(), QString(),
                                  kPatience);
        bench_->action(page, QStringLiteral("Put back")).trigger();
        QTRY_COMPARE_WITH_TIMEOUT(keys.model()->index(0, 1).data().toString(), QStringLiteral("en"),
                                  kPatience);
    }

    void a_file_goes_into_the_store_and_comes_out() {
        ObjectsPage& page = bench_->page<ObjectsPage>("objects");
        QTRY_VERIFY_WITH_TIMEOUT(bench_->action(page, QStringLiteral("Upload…")).isEnabled(),
                                 kPatience);
        QString const from = server_->file(QStringLiteral("hello.txt"));
        QFile file(from);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("hello");
        file.close();
        page.upload(from);
        LiveTable& table = bench_->table(page);
        QTRY_COMPARE_WITH_TIMEOUT(table.model()->rowCount(), 1, kPatience);
        QCOMPARE(table.model()->index(0, 0).data().toString(), QStringLiteral("hello.txt"));
        table.selectRow(0);
        QString const to = server_->file(QStringLiteral("back.txt"));
        page.download(to);
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(to), kPatience);
        QFile back(to);
        QVERIFY(back.open(QIODevice::ReadOnly));
        QCOMPARE(back.readAll(), QByteArray("hello"));
    }

    void who_may_only_look_is_offered_no_change() {
        Bench looking(server_->url(), false);
        StreamsPage& page = looking.page<StreamsPage>("streams");
        LiveTable& table = looking.table(page);
        QTRY_COMPARE_WITH_TIMEOUT(table.model()->rowCount(), 3, kPatience);
        table.selectRow(0);
        for (char const* const text : {"New…", "Change…", "Purge…", "Delete…", "Restore…"}) {
            QVERIFY2(!looking.action(page, QString::fromUtf8(text)).isEnabled(), text);
        }
        QVERIFY(looking.action(page, QStringLiteral("Back up…")).isEnabled());
        QVERIFY(looking.says(QStringLiteral("for looking only")));
    }

    void a_server_without_jetstream_is_said_to_have_none() {
        support::ReferenceServer plain("# nothing\n");
        QVERIFY(plain.isReady());
        Bench bench(plain.url(), false);
        bench.window->showPage(QStringLiteral("streams"));
        QTRY_VERIFY_WITH_TIMEOUT(
            bench.says(QStringLiteral("JetStream is not enabled on this server")), kPatience);
        QVERIFY(bench.says(QStringLiteral("store_dir")));
    }

    void nothing_is_deleted_before_the_name_is_typed() {
        ConfirmDialog dialog({.title = QStringLiteral("Delete?"),
                              .text = QStringLiteral("Gone."),
                              .button = QStringLiteral("Delete"),
                              .typed = QStringLiteral("ORDERS"),
                              .folder = QStringLiteral("/tmp/x")},
                             nullptr);
        QPushButton* go = nullptr;
        for (QPushButton* const one : dialog.findChildren<QPushButton*>()) {
            go = one->text() == QStringLiteral("Delete") ? one : go;
        }
        QVERIFY(go != nullptr && !go->isEnabled());
        dialog.findChildren<QLineEdit*>().last()->setText(QStringLiteral("ORDERS"));
        QVERIFY(go->isEnabled());
        QCOMPARE(dialog.folder(), QStringLiteral("/tmp/x"));
    }

private:
    std::unique_ptr<support::ReferenceServer> server_;
    std::unique_ptr<Bench> bench_;
};

SIGNALBOX_TEST(JetStreamPagesTest);

}  // namespace signalbox::gui

#include "jetstream_pages_test.moc"
