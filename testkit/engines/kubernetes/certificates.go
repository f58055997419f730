package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// How long everything is valid: longer than any test runs.
const validity = 7 * 24 * time.Hour

// The first address of the range of services, where pods look for the API server.
var serviceAddress = net.IPv4(10, 96, 0, 1)

// Certificates writes into DIRECTORY what the parts of a cluster need to know each other, for an API server that is at
// ADDRESS, port 443: keys (NAME.key), certificates (NAME.crt), a NAME.kubeconfig for each client, and the
// administrator's token in `token`. The API server is also known as 127.0.0.1, at any port, so that a proxy may stand
// before it.
func certificates(arguments []string) error {
	if len(arguments) < 2 {
		return errUsage
	}
	address := net.ParseIP(arguments[1])
	if address == nil {
		return fmt.Errorf("ADDRESS: need an IP address, got %q", arguments[1])
	}
	w := writer{directory: arguments[0], server: "https://" + net.JoinHostPort(address.String(), "443")}
	if w.err = os.MkdirAll(w.directory, 0o700); w.err != nil {
		return w.err
	}
	cluster := w.authority("ca", "kubernetes")
	aggregation := w.authority("front-ca", "front-proxy")
	w.sign(cluster, "apiserver", pkix.Name{CommonName: "kube-apiserver"},
		[]string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"},
		[]net.IP{address, net.IPv4(127, 0, 0, 1), serviceAddress})
	w.sign(cluster, "kubelet-client", member("kube-apiserver-kubelet-client", "system:masters"), nil, nil)
	w.sign(aggregation, "front-proxy", pkix.Name{CommonName: "front-proxy-client"}, nil, nil)
	for file, user := range map[string]string{"manager": "system:kube-controller-manager", "scheduler": "system:kube-scheduler"} {
		w.client(cluster, file, pkix.Name{CommonName: user}, nil, nil)
	}
	for _, argument := range arguments[2:] {
		node, at, _ := strings.Cut(argument, "=")
		ip := net.ParseIP(at)
		if node == "" || ip == nil {
			return fmt.Errorf("need NODE=ADDRESS, got %q", argument)
		}
		w.client(cluster, node, member("system:node:"+node, "system:nodes"), []string{node}, []net.IP{ip})
	}
	token := rand.Text()
	w.file("token", []byte(token))
	w.file("tokens.csv", []byte(token+",admin,admin,system:masters\n"))
	w.kubeconfig("admin", "token: "+token)
	w.serviceAccounts()
	return w.err
}

func member(user, group string) pkix.Name {
	return pkix.Name{CommonName: user, Organization: []string{group}}
}

type authority struct {
	name        string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// A writer does nothing more once something has failed; err says what.
type writer struct {
	directory, server string
	err               error
}

func (w *writer) authority(name, subject string) *authority {
	key := w.key(name)
	template := w.template(pkix.Name{CommonName: subject})
	if w.err != nil {
		return nil
	}
	template.IsCA = true
	template.KeyUsage = x509.KeyUsageCertSign
	return &authority{name, w.certificate(name, template, template, key, key), key}
}

// Sign makes a certificate for a client, which is a server too if it has addresses.
func (w *writer) sign(by *authority, name string, subject pkix.Name, names []string, addresses []net.IP) {
	key := w.key(name)
	template := w.template(subject)
	if w.err != nil {
		return
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if len(addresses) > 0 {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	template.DNSNames, template.IPAddresses = names, addresses
	w.certificate(name, template, by.certificate, key, by.key)
}

func (w *writer) client(by *authority, name string, subject pkix.Name, names []string, addresses []net.IP) {
	w.sign(by, name, subject, names, addresses)
	path := filepath.Join(w.directory, name)
	w.kubeconfig(name, fmt.Sprintf("client-certificate: %q, client-key: %q", path+".crt", path+".key"))
}

func (w *writer) template(subject pkix.Name) *x509.Certificate {
	if w.err != nil {
		return nil
	}
	var serial *big.Int
	serial, w.err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	now := time.Now()
	return &x509.Certificate{
		SerialNumber:          serial,
		Subject:               subject,
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(validity),
		BasicConstraintsValid: true,
	}
}

func (w *writer) certificate(name string, template, parent *x509.Certificate, key, by *ecdsa.PrivateKey) *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		w.err = err
		return nil
	}
	w.pem(name+".crt", "CERTIFICATE", der)
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		w.err = err
	}
	return certificate
}

func (w *writer) key(name string) *ecdsa.PrivateKey {
	if w.err != nil {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.err = err
		return nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		w.err = err
		return nil
	}
	w.pem(name+".key", "PRIVATE KEY", der)
	return key
}

// ServiceAccounts writes the pair of keys that signs and proves the tokens of pods.
func (w *writer) serviceAccounts() {
	key := w.key("service-accounts")
	if w.err != nil {
		return
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		w.err = err
		return
	}
	w.pem("service-accounts.pub", "PUBLIC KEY", public)
}

// Kubeconfig holds the authority's certificate itself, so that the administrator's file can be copied alone.
func (w *writer) kubeconfig(name, user string) {
	if w.err != nil {
		return
	}
	ca, err := os.ReadFile(filepath.Join(w.directory, "ca.crt"))
	if err != nil {
		w.err = err
		return
	}
	w.file(name+".kubeconfig", fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: test
contexts:
- name: test
  context: {cluster: test, user: %[1]s, namespace: default}
clusters:
- name: test
  cluster: {server: %[2]q, certificate-authority-data: %[3]s}
users:
- name: %[1]s
  user: {%[4]s}
`, name, w.server, base64.StdEncoding.EncodeToString(ca), user))
}

func (w *writer) pem(file, kind string, der []byte) {
	w.file(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func (w *writer) file(name string, content []byte) {
	if w.err == nil {
		w.err = os.WriteFile(filepath.Join(w.directory, name), content, 0o600)
	}
}
