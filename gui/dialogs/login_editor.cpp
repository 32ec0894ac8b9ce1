#include "gui/dialogs/login_editor.h"

#include "gui/theme.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QStackedWidget>

namespace signalbox::gui {

namespace {

QLineEdit* field(QString const& placeholder, QString const& name, bool secret) {
    auto* const edit = new QLineEdit;
    edit->setPlaceholderText(placeholder);
    edit->setAccessibleName(name);
    if (secret) {
        edit->setEchoMode(QLineEdit::Password);
    }
    return edit;
}

}  // namespace

LoginEditor::LoginEditor(QString const& purpose, QWidget* parent)
    : QWidget(parent), kind_(new QComboBox), parts_(new QStackedWidget) {
    kind_->setAccessibleName(tr("%1: log in with").arg(purpose));
    // In the order of LoginKind.
    kind_->addItems({tr("nobody in particular"), tr("user and password"), tr("token"),
                     tr("nkey seed"), tr("credentials file")});
    kind_->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    token_ = field(tr("token"), tr("%1: token").arg(purpose), true);
    seed_ = field(tr("seed, beginning with SU"), tr("%1: nkey seed").arg(purpose), true);
    parts_->addWidget(new QWidget);
    parts_->addWidget(passwordPart(purpose));
    parts_->addWidget(token_);
    parts_->addWidget(seed_);
    parts_->addWidget(filePart(purpose));
    parts_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto* const row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kSpace);
    row->addWidget(kind_);
    row->addWidget(parts_, 1);
    connect(kind_, &QComboBox::currentIndexChanged, this, [this](int index) {
        parts_->setCurrentIndex(index);
        emit changed();
    });
    for (QLineEdit* const edit : {user_, password_, token_, seed_, file_}) {
        connect(edit, &QLineEdit::textEdited, this, &LoginEditor::changed);
    }
}

QWidget* LoginEditor::passwordPart(QString const& purpose) {
    auto* const part = new QWidget;
    auto* const row = new QHBoxLayout(part);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kSpace);
    user_ = field(tr("user"), tr("%1: user").arg(purpose), false);
    password_ = field(tr("password"), tr("%1: password").arg(purpose), true);
    row->addWidget(user_);
    row->addWidget(password_);
    return part;
}

QWidget* LoginEditor::filePart(QString const& purpose) {
    auto* const part = new QWidget;
    auto* const row = new QHBoxLayout(part);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kSpace);
    file_ = field(tr("file with a JWT and a seed, .creds"), tr("%1: credentials file").arg(purpose),
                  false);
    auto* const choose = new QPushButton(tr("Choose…"));
    choose->setAccessibleName(tr("%1: choose the credentials file").arg(purpose));
    choose->setAutoDefault(false);
    connect(choose, &QPushButton::clicked, this, &LoginEditor::chooseFile);
    row->addWidget(file_, 1);
    row->addWidget(choose);
    return part;
}

void LoginEditor::chooseFile() {
    QString const path =
        QFileDialog::getOpenFileName(this, tr("The credentials file"), file_->text(),
                                     tr("Credentials (*.creds);;All files (*)"));
    if (!path.isEmpty()) {
        file_->setText(path);
        emit changed();
    }
}

ProfileLogin LoginEditor::login() const {
    ProfileLogin login;
    login.kind = static_cast<LoginKind>(kind_->currentIndex());
    switch (login.kind) {
        case LoginKind::Nobody:
            break;
        case LoginKind::Password:
            login.user = user_->text();
            login.secret = password_->text();
            break;
        case LoginKind::Token:
            login.secret = token_->text().trimmed();
            break;
        case LoginKind::Nkey:
            login.secret = seed_->text().trimmed();
            break;
        case LoginKind::Credentials:
            login.credentialsFile = file_->text().trimmed();
            break;
    }
    return login;
}

void LoginEditor::setLogin(ProfileLogin const& login) {
    kind_->setCurrentIndex(static_cast<int>(login.kind));
    user_->setText(login.user);
    file_->setText(login.credentialsFile);
    password_->setText(login.kind == LoginKind::Password ? login.secret : QString());
    token_->setText(login.kind == LoginKind::Token ? login.secret : QString());
    seed_->setText(login.kind == LoginKind::Nkey ? login.secret : QString());
}

}  // namespace signalbox::gui
