#pragma once

#include "gui/source/remote_profile.h"

#include <QWidget>

class QComboBox;
class QLineEdit;
class QStackedWidget;

namespace signalbox::gui {

/// Asks who one is to a server: a user with a password, a token, an nkey's seed or a file of
/// credentials.
class LoginEditor : public QWidget {
    Q_OBJECT

public:
    /// `purpose` stands in the names of the fields, for those who do not see them.
    explicit LoginEditor(QString const& purpose, QWidget* parent = nullptr);

    ProfileLogin login() const;
    void setLogin(ProfileLogin const& login);

signals:
    void changed();

private:
    QWidget* passwordPart(QString const& purpose);
    QWidget* filePart(QString const& purpose);
    void chooseFile();

    QComboBox* kind_;
    QStackedWidget* parts_;
    QLineEdit* user_ = nullptr;
    QLineEdit* password_ = nullptr;
    QLineEdit* token_ = nullptr;
    QLineEdit* seed_ = nullptr;
    QLineEdit* file_ = nullptr;
};

}  // namespace signalbox::gui
