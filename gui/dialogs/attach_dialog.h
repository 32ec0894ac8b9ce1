#pragma once

#include "gui/profile_store.h"
#include "gui/theme.h"

#include <QDialog>

#include <array>

class QButtonGroup;
class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace signalbox::gui {

class CheckList;
class LoginEditor;

/// Chooses, makes and tests profiles of servers elsewhere.
class AttachDialog : public QDialog {
    Q_OBJECT

public:
    /// `id` is the profile to show first; empty: the one used last.
    AttachDialog(ProfileStore& store, Theme const& theme, QString const& id, QWidget* parent);

    /// What is written in the form, with its secrets.
    RemoteProfile profile() const;
    void setProfile(RemoteProfile const& profile);

    CheckList& checks() { return *checks_; }
    void test();

private:
    struct Form {
        QLineEdit* name = nullptr;
        QLineEdit* server = nullptr;
        LoginEditor* login = nullptr;
        QCheckBox* hasSystem = nullptr;
        LoginEditor* system = nullptr;
        QLineEdit* monitoring = nullptr;
        QLineEdit* authorities = nullptr;
        QLineEdit* certificate = nullptr;
        QLineEdit* key = nullptr;
        QComboBox* environment = nullptr;
        QButtonGroup* colors = nullptr;
        QCheckBox* readOnly = nullptr;
        QLabel* secrets = nullptr;
        QLabel* mistake = nullptr;
    };

    QWidget* listPart();
    QWidget* formPart();
    QWidget* looksPart();
    QWidget* checkPart();
    QWidget* buttonPart();
    void fillList();
    void choose(int row);
    void remove();
    void importContexts();
    void check();
    void attach();
    QString color() const;

    ProfileStore& store_;
    Theme const& theme_;
    RemoteProfile current_;  ///< As it was chosen; its id is that of what is written.
    QListWidget* list_ = nullptr;
    Form form_;
    CheckList* checks_ = nullptr;
    QPushButton* attach_ = nullptr;
    QPushButton* test_ = nullptr;
    QPushButton* remove_ = nullptr;
};

}  // namespace signalbox::gui
