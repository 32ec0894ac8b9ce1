#include "engine/host/engine.h"
#include "engine/host/remote_check.h"
#include "engine/host/remote_poller.h"

#include "tests/support/certificates.h"
#include "tests/support/run_tests.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QUrl>

namespace signalbox::host {

namespace {

constexpr int kPatience = 20'000;

/// A nats-server with a user of the system account, on ports of its own choice.
class Reference {
public:
    /// With a certificate it speaks TLS alone; with an authority it asks for those of clients.
    explicit Reference(std::optional<tls::KeyPair> const& certificate = std::nullopt,
                       std::string const& authority = {}) {
        QString const binary = path();
        if (binary.isEmpty()) {
            return;
        }
        QFile config(folder_.filePath(QStringLiteral("server.conf")));
        if (!config.open(QIODevice::WriteOnly)) {
            return;
        }
        config.write(R"(
            server_name: far
            listen: "127.0.0.1:-1"
            http: "127.0.0.1:-1"
            accounts {
                SYS { users: [ { user: admin, password: s3cret } ] }
                APP { users: [ { user: app, password: app } ] }
            }
            system_account: SYS
        )");
        if (certificate) {
            write(QStringLiteral("cert.pem"), certificate->cert_pem);
            write(QStringLiteral("key.pem"), std::string(certificate->key_pem.reveal()));
            write(QStringLiteral("clients.pem"), authority);
            QString const asks = authority.empty()
                                     ? QString()
                                     : QStringLiteral(", verify: true, ca_file: \"%1/clients.pem\"")
                                           .arg(folder_.path());
            config.write(
                QStringLiteral("tls { cert_file: \"%1/cert.pem\", key_file: \"%1/key.pem\"%2 }\n")
                    .arg(folder_.path(), asks)
                    .toUtf8());
        }
        config.close();
        process_.start(binary, {QStringLiteral("-c"), config.fileName(),
                                QStringLiteral("--ports_file_dir"), folder_.path()});
        QElapsedTimer since;
        since.start();
        while (!readPorts() && since.elapsed() < kPatience) {
            process_.waitForReadyRead(20);
        }
    }
    ~Reference() { stop(); }

    Reference(Reference const&) = delete;
    Reference& operator=(Reference const&) = delete;

    static QString path() {
        QString const named = qEnvironmentVariable("NATS_SERVER");
        return named.isEmpty() ? QStandardPaths::findExecutable(
                                     QStringLiteral("nats-server"),
                                     qEnvironmentVariable("PATH").split(QLatin1Char(':')) +
                                         QStringList{QStringLiteral("/usr/sbin")})
                               : named;
    }

    void stop() {
        if (process_.state() != QProcess::NotRunning) {
            process_.kill();
            process_.waitForFinished();
        }
    }

    /// A file beside its configuration.
    std::string write(QString const& name, std::string const& content) {
        QFile file(folder_.filePath(name));
        if (file.open(QIODevice::WriteOnly)) {
            file.write(content.data(), static_cast<qint64>(content.size()));
        }
        return file.fileName().toStdString();
    }

    bool isReady() const { return port_ != 0; }
    std::string server() const { return "nats://127.0.0.1:" + std::to_string(port_); }
    std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }
    std::string monitoring() const { return "http://127.0.0.1:" + std::to_string(httpPort_); }

private:
    bool readPorts() {
        for (QString const& name : QDir(folder_.path()).entryList({QStringLiteral("*.ports")})) {
            QFile file(folder_.filePath(name));
            if (!file.open(QIODevice::ReadOnly)) {
                continue;
            }
            QJsonObject const ports = QJsonDocument::fromJson(file.readAll()).object();
            port_ = QUrl(ports.value(QStringLiteral("nats")).toArray().first().toString()).port(0);
            httpPort_ = QUrl(ports.value(QStringLiteral("monitoring")).toArray().first().toString())
                            .port(0);
        }
        return port_ != 0;
    }

    QTemporaryDir folder_;
    QProcess process_;
    int port_ = 0;
    int httpPort_ = 0;
};

/// A poller and what a window would have taken of it.
struct Watched {
    explicit Watched(RemoteOptions options) : poller(std::move(options)) {}

    observe::ServerSnapshot const* look() {
        poller.drain_events(1'000, [this](observe::EventRow const& row) { events.push_back(row); });
        poller.drain_tap(1'000, [this](observe::TapRow const& row) { taps.push_back(row); });
        if (std::optional<RemoteNews> const came = poller.take_news()) {
            news = *came;
        }
        observe::SnapshotPtr const& newest = poller.latest();
        return newest ? &newest->servers.front() : nullptr;
    }
    bool is_attached(observe::FiguresFrom from) {
        observe::ServerSnapshot const* const server = look();
        return news.state == RemoteNews::State::Attached && news.figures == from && server &&
               !server->open.empty();
    }
    bool saw(observe::EventKind kind) {
        look();
        return std::ranges::any_of(events, [kind](auto const& row) { return row.kind == kind; });
    }

    RemotePoller poller;
    RemoteNews news;
    std::vector<observe::EventRow> events;
    std::vector<observe::TapRow> taps;
};

RemoteIdentity user(std::string name, std::string password) {
    return {.user = std::move(name), .password = crypto::Secret(std::move(password))};
}

CheckStep step(CheckSteps const& steps, Check check) {
    return steps[static_cast<std::size_t>(check)];
}

CheckSteps run(RemoteOptions options) {
    RemoteCheckThread check(std::move(options));
    [&] { QTRY_VERIFY_WITH_TIMEOUT(check.done(), kPatience); }();
    return check.steps();
}

}  // namespace

/// Real servers, over real sockets: an installed nats-server, where there is one, and ours.
class RemoteRealTest : public QObject {
    Q_OBJECT

private slots:
    void the_system_account_of_nats_server_tells_everything() {
        if (Reference::path().isEmpty()) {
            QSKIP("no nats-server is installed");
        }
        Reference far;
        QVERIFY(far.isReady());
        Watched w({.server = far.server(),
                   .identity = user("app", "app"),
                   .system_identity = user("admin", "s3cret")});
        QTRY_VERIFY_WITH_TIMEOUT(w.is_attached(observe::FiguresFrom::SystemAccount), kPatience);
        QVERIFY(w.news.events);
        observe::ServerSnapshot const* server = w.look();
        QCOMPARE(server->name, std::string("far"));
        QVERIFY(server->connections >= 2);
        QTRY_VERIFY_WITH_TIMEOUT(w.look()->accounts != nullptr, kPatience);
        auto const& accounts = *w.look()->accounts;
        QVERIFY(std::ranges::any_of(accounts, [](auto const& row) { return row.name == "APP"; }));

        w.poller.set_sampling(SamplingOrder{});
        w.poller.post(SetTap{.filter = observe::TapFilter{.subject = "shop.*"}});
        observe::TreeQuery query;
        query.flat = true;
        w.poller.set_tree_query(query);
        std::vector<Outcome> outcomes;
        QTRY_VERIFY_WITH_TIMEOUT(
            (std::ranges::copy(w.poller.take_outcomes(), std::back_inserter(outcomes)),
             !outcomes.empty()),
            kPatience);
        QVERIFY(!outcomes.front().error);
        {
            RemoteOptions other{.server = far.server(), .identity = user("app", "app")};
            other.may_write = true;
            Watched publisher(std::move(other));
            QTRY_VERIFY_WITH_TIMEOUT(
                (publisher.look(), publisher.news.state == RemoteNews::State::Attached), kPatience);
            OutgoingMessage message;
            message.subject = "shop.new";
            message.payload = "hello";
            QTRY_VERIFY_WITH_TIMEOUT(
                (publisher.poller.post(Publish{.message = message}), w.look(), !w.taps.empty()),
                kPatience);
        }
        QCOMPARE(w.taps.front().payload, std::string("hello"));
        QTRY_VERIFY_WITH_TIMEOUT(w.look()->subjects >= 1, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(w.saw(observe::EventKind::ConnectionOpened), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(w.saw(observe::EventKind::ConnectionClosed), kPatience);
    }

    void its_monitoring_tells_figures_to_an_ordinary_user() {
        if (Reference::path().isEmpty()) {
            QSKIP("no nats-server is installed");
        }
        Reference far;
        QVERIFY(far.isReady());
        Watched w({.server = far.server(),
                   .identity = user("app", "app"),
                   .monitoring = far.monitoring()});
        QTRY_VERIFY_WITH_TIMEOUT(w.is_attached(observe::FiguresFrom::Monitoring), kPatience);
        QVERIFY(!w.news.events);
        // The first list may be from before it was let in.
        QTRY_COMPARE_WITH_TIMEOUT(w.look()->open.front().identity->user, std::string("app"),
                                  kPatience);
        far.stop();
        QTRY_VERIFY_WITH_TIMEOUT((w.look(), w.news.state == RemoteNews::State::Lost), kPatience);
    }

    void one_of_ours_is_looked_at_as_well() {
        Engine engine({.observe = true});
        config::Options options;
        options.listen = {"127.0.0.1", -1};
        options.monitoring.http = config::ListenAddress{.host = "127.0.0.1", .port = -1};
        ServerNumber const number = engine.wait(engine.post(StartServer{options})).server;
        std::string monitoring;
        std::uint16_t port = 0;
        QTRY_VERIFY_WITH_TIMEOUT(
            ([&] {
                for (observe::ServerSnapshot const& one :
                     engine.latest() ? engine.latest()->servers
                                     : std::vector<observe::ServerSnapshot>()) {
                    monitoring = one.server == number ? one.monitoring : monitoring;
                    port = one.server == number ? one.port : port;
                }
                return port != 0 && !monitoring.empty();
            }()),
            kPatience);
        Watched w({.server = "nats://127.0.0.1:" + std::to_string(port), .monitoring = monitoring});
        QTRY_VERIFY_WITH_TIMEOUT(w.is_attached(observe::FiguresFrom::Monitoring), kPatience);
        // The first list may be from before it said its name.
        QTRY_COMPARE_WITH_TIMEOUT(w.look()->open.front().identity->name,
                                  std::string("signalbox workbench"), kPatience);
    }

    void encryption_wants_an_authority_that_is_trusted() {
        if (Reference::path().isEmpty()) {
            QSKIP("no nats-server is installed");
        }
        support::Authority const authority;
        Reference far(authority.issue({}));
        QVERIFY(far.isReady());
        RemoteOptions options{.server = "tls" + far.server().substr(4),
                              .identity = user("admin", "s3cret"),
                              .authorities_file = far.write("ca.pem", authority.pem())};
        Watched w(options);
        QTRY_VERIFY_WITH_TIMEOUT(w.is_attached(observe::FiguresFrom::SystemAccount), kPatience);
        CheckSteps const trusted = run(options);
        QVERIFY2(step(trusted, Check::Tls).state == CheckStep::State::Passed,
                 step(trusted, Check::Tls).text.c_str());
        QVERIFY2(step(trusted, Check::System).state == CheckStep::State::Passed,
                 step(trusted, Check::System).text.c_str());
        options.authorities_file.clear();
        CheckSteps const unknown = run(options);
        QVERIFY(step(unknown, Check::Tls).state == CheckStep::State::Failed);
        QVERIFY(step(unknown, Check::Login).state == CheckStep::State::Skipped);
        options.authorities_file = "/nowhere/ca.pem";
        QVERIFY(step(run(options), Check::Tls).text.find("/nowhere/ca.pem") != std::string::npos);
    }

    void a_certificate_is_shown_where_one_is_asked_for() {
        if (Reference::path().isEmpty()) {
            QSKIP("no nats-server is installed");
        }
        support::Authority const authority;
        Reference far(authority.issue({}), authority.pem());
        QVERIFY(far.isReady());
        tls::KeyPair const own = authority.issue({.subject = {{"CN", "watcher"}}});
        RemoteOptions options{.server = "tls" + far.server().substr(4),
                              .identity = user("admin", "s3cret"),
                              .authorities_file = far.write("ca.pem", authority.pem())};
        QVERIFY(step(run(options), Check::Login).state != CheckStep::State::Passed);
        options.certificate_file = far.write("own.pem", own.cert_pem);
        options.key_file = far.write("own.key", std::string(own.key_pem.reveal()));
        CheckSteps const shown = run(options);
        QVERIFY2(step(shown, Check::Login).state == CheckStep::State::Passed,
                 step(shown, Check::Login).text.c_str());
        // One file may hold both.
        options.certificate_file =
            far.write("both.pem", concat(own.cert_pem, own.key_pem.reveal()));
        options.key_file.clear();
        QVERIFY(step(run(options), Check::Login).state == CheckStep::State::Passed);
        // The key of another is noticed before anything is dialled.
        options.key_file =
            far.write("other.key", std::string(authority.issue({}).key_pem.reveal()));
        QVERIFY(step(run(options), Check::Tls).state == CheckStep::State::Failed);
    }

    void the_way_there_is_told_step_by_step() {
        if (Reference::path().isEmpty()) {
            QSKIP("no nats-server is installed");
        }
        Reference far;
        QVERIFY(far.isReady());
        using S = CheckStep::State;
        auto const at = step;
        CheckSteps const good = run({.server = far.server(),
                                     .identity = user("admin", "s3cret"),
                                     .monitoring = far.monitoring()});
        for (Check const check : {Check::Resolve, Check::Connect, Check::Greeting, Check::Login,
                                  Check::System, Check::Monitoring}) {
            QVERIFY2(at(good, check).state == S::Passed, at(good, check).text.c_str());
        }
        QVERIFY(at(good, Check::Tls).state == S::Skipped);

        CheckSteps const wrong =
            run({.server = far.server(), .identity = user("admin", "no"), .monitoring = "x:1"});
        QVERIFY(at(wrong, Check::Login).state == S::Failed);
        QVERIFY(at(wrong, Check::System).state == S::Skipped);
        QVERIFY(at(wrong, Check::Monitoring).state == S::Failed);

        CheckSteps const ordinary =
            run({.server = far.server(), .identity = user("app", "app"), .monitoring = {}});
        QVERIFY(at(ordinary, Check::System).state == S::Warning);

        CheckSteps const not_nats = run({.server = "nats" + far.monitoring().substr(4)});
        QVERIFY(at(not_nats, Check::Greeting).state == S::Failed);

        far.stop();
        CheckSteps const gone = run({.server = far.server()});
        QVERIFY(at(gone, Check::Connect).state == S::Failed);
        QVERIFY(at(gone, Check::Connect).text.find("Nothing listens") != std::string::npos);
    }
};

SIGNALBOX_TEST(RemoteRealTest);

}  // namespace signalbox::host

#include "remote_real_test.moc"
