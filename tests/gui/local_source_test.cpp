#include "gui/source/local_source.h"

#include "gui/application_settings.h"
#include "gui/icons.h"
#include "gui/main_window.h"
#include "gui/models/sent_model.h"
#include "gui/source/configuration_checker.h"

#include "tests/support/run_tests.h"

#include <QSignalSpy>

namespace signalbox::gui {

namespace {

constexpr int kPatience = 20'000;

/// A source whose broker runs, on whatever port was free.
std::unique_ptr<LocalSource> runningSource() {
    auto source = std::make_unique<LocalSource>();
    source->startBroker({});
    return source;
}

bool isReady(LocalSource const& source) {
    return source.state() == BrokerState::Running && !source.url().isEmpty();
}

host::OutgoingMessage message(std::string subject, std::string payload) {
    host::OutgoingMessage one;
    one.subject = std::move(subject);
    one.payload = std::move(payload);
    return one;
}

}  // namespace

/// The window's source with a real engine behind it: real sockets, threads and clocks. Waits for
/// what has to come, never for a time.
class LocalSourceTest : public QObject {
    Q_OBJECT

private slots:
    void a_second_broker_takes_the_next_port_and_says_so() {
        std::unique_ptr<LocalSource> const first = runningSource();
        QTRY_VERIFY_WITH_TIMEOUT(isReady(*first), kPatience);
        int const taken = first->url().section(QLatin1Char(':'), -1).toInt();
        LocalSource second;
        second.startBroker({.port = taken});
        QTRY_VERIFY_WITH_TIMEOUT(isReady(second), kPatience);
        QVERIFY(second.url() != first->url());
        QVERIFY(second.stateNote().contains(QString::number(taken)));
        second.stopBroker();
        QTRY_COMPARE_WITH_TIMEOUT(second.state(), BrokerState::Stopped, kPatience);
    }

    void what_is_published_comes_through_the_tap_and_the_tree() {
        std::unique_ptr<LocalSource> const source = runningSource();
        QTRY_VERIFY_WITH_TIMEOUT(isReady(*source), kPatience);
        TapBatch seen;
        connect(source.get(), &DataSource::tapArrived, this,
                [&](TapBatch const& rows) { seen.insert(seen.end(), rows.begin(), rows.end()); });
        QSignalSpy finished(source.get(), &DataSource::finished);
        source->setTreeQuery(observe::TreeQuery{.flat = true});
        source->setTap(observe::TapFilter{.subject = "orders.>"});
        source->publish(message("orders.created", "{\"id\":1}"));
        source->publish(message("other", "x"));
        QTRY_VERIFY_WITH_TIMEOUT(finished.size() >= 3, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(seen.size(), 1U, kPatience);
        QCOMPARE(seen[0]->subject, std::string("orders.created"));
        QCOMPARE(seen[0]->payload, std::string("{\"id\":1}"));
        auto const in_tree = [&] {
            for (observe::TreeRow const& row : source->latest()->tree.rows) {
                if (row.subject == "orders.created" && row.msgs == 1 && row.no_interest) {
                    return true;
                }
            }
            return false;
        };
        QTRY_VERIFY_WITH_TIMEOUT(in_tree(), kPatience);
        disconnect(source.get(), nullptr, this, nullptr);
    }

    void a_configuration_is_reloaded_whole_or_not_at_all() {
        auto const read = [](std::string const& text) {
            return checkConfiguration(text, {}).configuration;
        };
        LocalSource source;
        BrokerOptions options;
        options.configuration = read("listen: \"127.0.0.1:-1\"");
        source.startBroker(options);
        QTRY_VERIFY_WITH_TIMEOUT(isReady(source), kPatience);
        QCOMPARE(source.running(), options.configuration);
        std::vector<Job> jobs;
        connect(&source, &DataSource::finished, this, [&](Job const& job) { jobs.push_back(job); });
        ConfigurationPtr const good = read("listen: \"127.0.0.1:-1\"\nmax_payload: 1000");
        JobToken const reload = source.reload(good);
        QTRY_COMPARE_WITH_TIMEOUT(jobs.size(), std::size_t{1}, kPatience);
        QVERIFY(jobs[0].ok() && jobs[0].token == reload);
        QCOMPARE(source.running(), good);
        source.reload(read("listen: \"127.0.0.1:1\"\nmax_payload: 2000"));
        QTRY_COMPARE_WITH_TIMEOUT(jobs.size(), std::size_t{2}, kPatience);
        QVERIFY(jobs[1].error.contains(QStringLiteral("reload not supported")));
        QCOMPARE(source.running(), good);
    }

    void the_engine_explains_and_follows_a_message() {
        std::unique_ptr<LocalSource> const source = runningSource();
        QTRY_VERIFY_WITH_TIMEOUT(isReady(*source), kPatience);
        std::vector<Job> jobs;
        connect(source.get(), &DataSource::finished, this,
                [&](Job const& job) { jobs.push_back(job); });
        source->explain({.subject = "orders.new"});
        QTRY_COMPARE_WITH_TIMEOUT(jobs.size(), std::size_t{1}, kPatience);
        QVERIFY(jobs[0].explanation && jobs[0].explanation->obstacles.empty());
        QCOMPARE(jobs[0].explanation->ways.size(), std::size_t{1});
        source->trace(message("orders.new", {}));
        QTRY_COMPARE_WITH_TIMEOUT(jobs.size(), std::size_t{2}, kPatience);
        QVERIFY2(jobs[1].ok(), qPrintable(jobs[1].error));
        QVERIFY(jobs[1].reply->payload.find("\"subj\":\"orders.new\"") != std::string::npos);
    }

    void a_request_to_nobody_is_answered_at_once() {
        std::unique_ptr<LocalSource> const source = runningSource();
        QTRY_VERIFY_WITH_TIMEOUT(isReady(*source), kPatience);
        std::optional<Job> answer;
        JobToken const token = source->request(message("nobody.here", ""), base::seconds(10));
        connect(source.get(), &DataSource::finished, this, [&](Job const& job) {
            if (job.token == token) {
                answer = job;
            }
        });
        QTRY_VERIFY_WITH_TIMEOUT(answer.has_value(), kPatience);
        QVERIFY2(answer->ok(), qPrintable(answer->error));
        QVERIFY(answer->reply.has_value() && answer->reply->no_responders);
        disconnect(source.get(), nullptr, this, nullptr);
    }

    void the_window_shows_the_demo_on_a_real_broker() {
        loadResources();
        LocalSource source;
        Theme theme(ThemeKind::Dark);
        theme.apply(ThemeKind::Dark);
        ApplicationSettings settings = ApplicationSettings::none();
        MainWindow window(source, theme, settings);
        window.show();
        window.actions().get(QStringLiteral("demo.toggle"))->trigger();
        auto const busy = [&] {
            observe::ServerSnapshot const* const server =
                serverIn(source.latest(), source.server());
            return server != nullptr && server->connections > 5 && server->in_msgs.total > 100 &&
                   server->out_msgs.total > 100;
        };
        QTRY_VERIFY_WITH_TIMEOUT(busy(), kPatience);
        for (PageTitle const& page : window.pages()) {
            QVERIFY(window.showPage(page.id));
            quint64 const number = source.latest()->number;
            QTRY_VERIFY_WITH_TIMEOUT(source.latest()->number > number + 3, kPatience);
            window.currentPage().prepareForPicture();
        }
        window.actions().get(QStringLiteral("broker.stop"))->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(source.state(), BrokerState::Stopped, kPatience);
    }
};

SIGNALBOX_TEST(LocalSourceTest);

}  // namespace signalbox::gui

#include "local_source_test.moc"
