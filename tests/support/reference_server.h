#pragma once

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QUrl>

#include <string>

namespace signalbox::support {

/// A nats-server with JetStream, in a folder and on ports of its own, where there is one to run.
class ReferenceServer {
public:
    static constexpr int kPatience = 20'000;

    explicit ReferenceServer(QByteArray const& more = {}) {
        QString const binary = path();
        QFile config(folder_.filePath(QStringLiteral("server.conf")));
        if (binary.isEmpty() || !config.open(QIODevice::WriteOnly)) {
            return;
        }
        config.write("server_name: far\nlisten: \"127.0.0.1:-1\"\n");
        config.write(more.isEmpty() ? "jetstream { store_dir: \"" +
                                          folder_.filePath(QStringLiteral("js")).toUtf8() + "\" }\n"
                                    : more);
        config.close();
        process_.start(binary, {QStringLiteral("-c"), config.fileName(),
                                QStringLiteral("--ports_file_dir"), folder_.path()});
        QElapsedTimer since;
        since.start();
        while (!readPorts() && since.elapsed() < kPatience &&
               process_.state() != QProcess::NotRunning) {
            process_.waitForReadyRead(20);
        }
    }
    ~ReferenceServer() { stop(); }

    ReferenceServer(ReferenceServer const&) = delete;
    ReferenceServer& operator=(ReferenceServer const&) = delete;

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

    bool isReady() const { return port_ != 0; }
    std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }
    QString file(QString const& name) const { return folder_.filePath(name); }

private:
    bool readPorts() {
        for (QString const& name : QDir(folder_.path()).entryList({QStringLiteral("*.ports")})) {
            QFile file(folder_.filePath(name));
            if (file.open(QIODevice::ReadOnly)) {
                QJsonObject const ports = QJsonDocument::fromJson(file.readAll()).object();
                QJsonArray const urls = ports.value(QStringLiteral("nats")).toArray();
                port_ = QUrl(urls.first().toString()).port(0);
            }
        }
        return port_ != 0;
    }

    QTemporaryDir folder_;
    QProcess process_;
    int port_ = 0;
};

}  // namespace signalbox::support
