#pragma once

#include "engine/host/remote_options.h"

#include "gui/source/data_source.h"

#include <QJsonObject>
#include <QList>
#include <QString>

namespace signalbox::gui {

/// How one says who one is.
enum class LoginKind {
    Nobody,
    Password,
    Token,
    Nkey,
    Credentials,
};

struct ProfileLogin {
    LoginKind kind = LoginKind::Nobody;
    QString user;             ///< Of `Password`.
    QString credentialsFile;  ///< Of `Credentials`.
    QString secret;           ///< A password, token or seed. Not kept with the profile.

    bool hasSecret() const { return kind != LoginKind::Nobody && kind != LoginKind::Credentials; }
};

/// A server elsewhere as a person knows it.
struct RemoteProfile {
    QString id;  ///< Of its secrets; never changes.
    QString name;
    QString server;
    ProfileLogin login;
    bool hasSystemLogin = false;
    ProfileLogin systemLogin;
    QString monitoring;
    QString authoritiesFile;  ///< Trusted with TLS; empty: those of the system.
    QString certificateFile;  ///< Shown to servers that ask for one; empty: none.
    QString keyFile;          ///< Of its key; empty: the certificate's holds both.
    QString color = QStringLiteral("#2f6fb3");
    QString environment = QStringLiteral("dev");  ///< `dev`, `test` or `prod`.
    bool readOnly = true;

    /// What stands in lists: the name, or where it is.
    QString text() const;
};

/// A new one, with an id of its own.
RemoteProfile newProfile();

/// Of the command line: a server's URL, or that of monitoring where it begins with `http`.
RemoteProfile profileFor(QString const& url, QString const& credentialsFile,
                         QString const& monitoring);

host::RemoteOptions remoteOptions(RemoteProfile const& profile);
SourceTitle sourceTitle(RemoteProfile const& profile);

/// Without secrets.
QJsonObject profileToJson(RemoteProfile const& profile);
RemoteProfile profileFromJson(QJsonObject const& json);

}  // namespace signalbox::gui
